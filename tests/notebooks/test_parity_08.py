"""What chapter 08 builds by hand equals ganbook's and PyTorch's."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ganbook.gans import cyclegan
from ganbook.losses.cycle import cycle_consistency_loss
from ganbook.models.resnet_generator import ResidualBlock, ResNetGenerator
from ganbook.training.image_buffer import ImageBuffer
from ganbook.training.schedules import linear_decay
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "08_cyclegan.ipynb"
NAMES = [
    "cycle_loss",
    "normalised",
    "ResidualBlock",
    "Generator",
    "normalise",
    "ImageBuffer",
    "linear_decay",
    "update_generators",
    "update_discriminators",
]


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, NAMES)


def with_weights_of(source, target):
    values = source.state_dict().values()
    target.load_state_dict(dict(zip(target.state_dict(), values, strict=True)))
    return target


def test_the_cycle_loss_is_the_packages(chapter):
    first, second = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    torch.testing.assert_close(
        chapter.cycle_loss(first, second), cycle_consistency_loss(first, second)
    )


@pytest.mark.parametrize(("channels", "width", "blocks"), [(1, 8, 3), (3, 4, 6)])
def test_networks_give_the_packages_outputs(chapter, channels, width, blocks):
    torch.manual_seed(0)
    packaged = ResNetGenerator(channels, channels, width, blocks)
    by_hand = with_weights_of(packaged, chapter.Generator(channels, width, blocks))
    images = torch.randn(2, channels, 16, 16)
    assert torch.equal(by_hand(images), packaged(images))
    block = ResidualBlock(6)
    h = torch.randn(2, 6, 5, 5)
    assert torch.equal(with_weights_of(block, chapter.ResidualBlock(6))(h), block(h))


def test_normalisations_equal_pytorchs(chapter):
    h = 3 + 5 * torch.randn(3, 6, 4, 5)
    peers = {
        "batch": nn.BatchNorm2d(6, affine=False)(h),
        "layer": F.layer_norm(h, h.shape[1:]),
        "instance": F.instance_norm(h),
        "group": F.group_norm(h, 2),
    }
    for kind, expected in peers.items():
        torch.testing.assert_close(chapter.normalise(h, kind), expected, msg=kind)


@pytest.mark.parametrize("size", [3, 50])
def test_the_buffer_mixes_as_the_packages_does(chapter, size):
    images = torch.randn(40, 4, 1, 2, 2)
    shown = []
    for buffer in (chapter.ImageBuffer(size), ImageBuffer(size)):
        torch.manual_seed(0)
        shown.append(torch.stack([buffer.query(batch) for batch in images]))
    assert torch.equal(*shown)
    assert not torch.equal(shown[0], images)


def test_the_decay_is_the_packages(chapter):
    for step in range(20):
        assert chapter.linear_decay(step, 20, 8) == pytest.approx(linear_decay(step, 20, 8))


def test_the_step_is_the_packages(chapter):
    config = cyclegan.Config(
        channels=1, size=16, width=2, blocks=1, discriminator_width=2, discriminator_layers=1,
        learning_rate=1e-3, cycle_weight=3.0, buffer_size=3,
    )  # fmt: skip
    states = []
    for _ in range(2):
        torch.manual_seed(0)
        states.append(cyclegan.build(config))
    mine, packaged = states
    buffers = chapter.ImageBuffer(3), chapter.ImageBuffer(3)
    judges = mine.discriminator_a, mine.discriminator_b
    for step in range(3):
        a, b = torch.randn(2, 2, 1, 16, 16).tanh()
        torch.manual_seed(step)
        metrics = cyclegan.step(packaged, (a, b))
        torch.manual_seed(step)
        fake_a, fake_b, g_loss = chapter.update_generators(
            mine.a_to_b, mine.b_to_a, *judges, mine.generator_optimizer, a, b, weight=3.0
        )
        shown = buffers[0].query(fake_a), buffers[1].query(fake_b)
        d_loss = chapter.update_discriminators(*judges, mine.discriminator_optimizer, a, b, *shown)
        torch.testing.assert_close(metrics["g_loss"], g_loss)
        torch.testing.assert_close(metrics["d_loss"], d_loss)
    near = {"rtol": 0, "atol": 1e-4}  # a step is 0.001; Adam magnifies rounding of tiny gradients
    for name in ("a_to_b", "b_to_a", "discriminator_a", "discriminator_b"):
        one, other = (getattr(s, name).state_dict() for s in (mine, packaged))
        torch.testing.assert_close(one, other, **near, msg=name)
