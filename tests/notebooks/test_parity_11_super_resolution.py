"""What chapter 11 builds by hand for super-resolution equals ganbook's."""

from pathlib import Path

import pytest
import torch

from ganbook.data.resolution import back_project, shrink
from ganbook.gans import srgan
from ganbook.models.srresnet import SRResNet
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "11_applications.ipynb"
NAMES = [
    "shrink_by_hand",
    "back_project_by_hand",
    "BlockByHand",
    "EnlargeByHand",
    "SRResNetByHand",
    "sharpen_step",
    "spectrum",
]


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, NAMES)


@pytest.mark.parametrize("factor", [2, 4])
def test_shrinking_and_back_projection_are_the_packages(chapter, factor):
    images = torch.randn(2, 3, 8, 16)
    small = torch.randn(2, 3, 8 // factor, 16 // factor)
    torch.testing.assert_close(chapter.shrink_by_hand(images, factor), shrink(images, factor))
    by_hand = chapter.back_project_by_hand(images, small, factor)
    torch.testing.assert_close(by_hand, back_project(images, small))


def test_the_network_gives_the_packages_outputs(chapter):
    packaged = SRResNet(3, 4, 2)
    torch.nn.init.normal_(packaged.last.weight)
    by_hand = chapter.SRResNetByHand(3, 4, 2)
    values = packaged.state_dict().values()
    by_hand.load_state_dict(dict(zip(by_hand.state_dict(), values, strict=True)))
    small = torch.rand(2, 3, 6, 8) * 2 - 1
    torch.testing.assert_close(by_hand(small), packaged(small))


def test_steps_are_the_packages(chapter):
    config = srgan.Config(size=16, width=4, blocks=1, discriminator_width=4, discriminator_layers=1)
    states = []
    for _ in range(2):
        torch.manual_seed(0)
        states.append(srgan.build(config))
    packaged, twin = states
    photos = torch.rand(4, 3, 16, 16) * 2 - 1
    for _ in range(3):
        metrics = srgan.step(packaged, (photos,))
        losses = chapter.sharpen_step(
            twin.generator,
            twin.discriminator,
            twin.generator_optimizer,
            twin.discriminator_optimizer,
            photos,
            config.adversarial_weight,
        )
        assert losses == pytest.approx([metrics["d_loss"].item(), metrics["g_loss"].item()])
    torch.testing.assert_close(twin.generator.state_dict(), packaged.generator.state_dict())
    torch.testing.assert_close(twin.discriminator.state_dict(), packaged.discriminator.state_dict())


def test_a_wave_has_its_power_at_its_frequency(chapter):
    wave = torch.cos(2 * torch.pi * 10 * torch.arange(64) / 64).expand(1, 3, 64, 64)
    power = chapter.spectrum(wave)
    assert power.shape == (32,) and power.argmax() == 10
    assert power[:7].max() < 1e-3 * power[10] and power[14:].max() < 1e-3 * power[10]
