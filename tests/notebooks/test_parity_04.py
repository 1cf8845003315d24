"""What chapter 04 builds by hand equals ganbook's and PyTorch's."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ganbook.models.dcgan import DCGANDiscriminator, DCGANGenerator
from ganbook.nn.init import dcgan_init
from ganbook.nn.shift import RandomShift
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04_dcgan.ipynb"
NAMES = [
    "transposed_convolution_1d",
    "convolution_matrix",
    "output_size",
    "batch_norm",
    "up",
    "down",
    "Generator",
    "Discriminator",
    "initialise",
    "move",
]


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, NAMES)


def with_weights_of(source, target):
    values = source.state_dict().values()
    target.load_state_dict(dict(zip(target.state_dict(), values, strict=True)))
    return target


@pytest.mark.parametrize(("channels", "width"), [(1, 32), (3, 8)])
def test_networks_give_the_packages_outputs(chapter, channels, width):
    torch.manual_seed(0)
    packaged_g = DCGANGenerator(100, channels, 32, width)
    packaged_d = DCGANDiscriminator(channels, 32, width)
    by_hand_g = with_weights_of(packaged_g, chapter.Generator(100, channels, width))
    by_hand_d = with_weights_of(packaged_d, chapter.Discriminator(channels, width))
    images = packaged_g(torch.randn(4, 100))
    torch.manual_seed(0)
    z = torch.randn(4, 100)
    assert torch.equal(by_hand_g(z), packaged_g(z))
    assert torch.equal(by_hand_d(images), packaged_d(images))


def test_initialise_draws_what_the_packages_does(chapter):
    networks = []
    for initialise in (chapter.initialise, dcgan_init):
        torch.manual_seed(1)
        network = chapter.Generator(16, 1, 4)
        networks.append(network.apply(initialise).state_dict())
    assert all(torch.equal(networks[0][name], networks[1][name]) for name in networks[0])


def test_batch_norm_equals_pytorchs(chapter):
    h = 3 + 5 * torch.randn(8, 4, 6, 6)
    layer = nn.BatchNorm2d(4)
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    gamma, beta = (p.detach().view(1, 4, 1, 1) for p in (layer.weight, layer.bias))
    torch.testing.assert_close(chapter.batch_norm(h, gamma, beta), layer(h).detach())


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_stamping_equals_the_transposed_matrix_and_pytorchs(chapter, stride):
    x, kernel = torch.randn(5), torch.randn(4)
    stamped = chapter.transposed_convolution_1d(x, kernel, stride)
    by_torch = F.conv_transpose1d(x[None, None], kernel[None, None], stride=stride)[0, 0]
    matrix = chapter.convolution_matrix(kernel, len(stamped), stride)
    torch.testing.assert_close(stamped, by_torch)
    torch.testing.assert_close(matrix.T @ x, by_torch)
    assert len(stamped) == chapter.output_size(5, 4, stride, padding=0)


def test_every_shift_of_the_package_can_be_made_by_hand(chapter):
    image = torch.randn(1, 2, 6, 6)
    offsets = range(-2, 3)
    possible = [chapter.move(image, down, right, 2)[0] for down in offsets for right in offsets]
    for moved in RandomShift(2)(image.expand(50, 2, 6, 6)):
        assert sum(torch.equal(moved, one) for one in possible) == 1
