"""ganbook.models.srresnet: starts as bicubic, no checkerboard, parameters, refusals."""

import pytest
import torch

from ganbook.data.resolution import enlarge
from ganbook.models.srresnet import Enlarge, SRResNet


def images(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0)) * 2 - 1


def woken(**options):
    """A network whose last layer is not 0."""
    network = SRResNet(**options)
    torch.nn.init.normal_(network.last.weight, std=0.1)
    return network


def test_parameters_by_hand():
    """3 x 3 convolutions with biases: in, 16 blocks of two, one after, two doublings, out."""
    square = 64 * 64 * 9 + 64
    expected = (3 * 64 * 9 + 64) + 33 * square + 2 * 4 * square + (64 * 3 * 9 + 3)
    assert sum(p.numel() for p in SRResNet().parameters()) == expected


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_the_start_is_the_bicubic_picture(factor):
    network, small = SRResNet(1, 4, 1, factor), images(2, 1, 5, 7)
    assert torch.equal(network(small), enlarge(small, factor))
    assert torch.equal(network.eval()(small), enlarge(small, factor).clamp(-1, 1))


def test_clipped_in_eval_mode_only():
    network, small = woken(width=4, blocks=1), images(2, 3, 6, 6)
    with torch.no_grad():
        network.last.bias.fill_(0.8)
        free = network(small)
        assert free.max() > 1
        assert torch.equal(network.eval()(small), free.clamp(-1, 1))


def test_every_parameter_gets_a_gradient():
    network = woken(width=4, blocks=2)
    network(images(1, 3, 6, 6)).square().sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in network.parameters())


def test_an_image_is_enlarged_alone():
    network, small = woken(width=4, blocks=1), images(3, 3, 6, 6)
    torch.testing.assert_close(network(small)[:1], network(small[:1]))


def test_the_layer_that_enlarges_by_hand():
    layer, h = Enlarge(3), images(1, 3, 5, 5)
    with torch.no_grad():
        four = torch.nn.functional.leaky_relu(layer.layers[0](h), 0.2)
        out = layer(h)
    large = torch.zeros(1, 3, 10, 10)
    for k, (y, x) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        large[..., y::2, x::2] = four[:, k::4]
    assert out.shape == large.shape
    torch.testing.assert_close(out[..., 0, 0], large[..., 0, 0])
    torch.testing.assert_close(out[..., 6, 3], large[..., 5:7, 2:4].mean(dim=(2, 3)))


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_a_plain_area_stays_plain_whatever_the_weights(factor):
    network = woken(width=4, blocks=1, factor=factor)
    for layer in network.enlarge:
        torch.nn.init.normal_(layer.layers[0].weight, std=0.3)
        torch.nn.init.normal_(layer.layers[0].bias, std=0.3)
    with torch.no_grad():
        inside = network(torch.full((1, 3, 20, 20), 0.2))[..., 9 * factor : 11 * factor, :]
        inside = inside[..., 9 * factor : 11 * factor]
    torch.testing.assert_close(inside, inside[..., :1, :1].expand_as(inside))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "width must be at least 1, got 0"),
        ({"blocks": -1}, "blocks must be at least 0, got -1"),
        ({"factor": 3}, "factor is 3; accepted are 2, 4, 8"),
        ({"factor": 1}, "factor is 1; accepted are 2, 4, 8"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        SRResNet(**options)


@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 1, 8, 8)])
def test_bad_images(shape):
    with pytest.raises(ValueError, match=r"takes shape \(N, 3, H, W\), got"):
        SRResNet(width=2, blocks=0)(torch.zeros(shape))
