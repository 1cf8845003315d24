"""Chapter 03 builds by hand what ganbook ships: both must be the same."""

import pytest
import torch

from ganbook.gans import vanilla
from ganbook.losses import adversarial
from ganbook.models.mlp import MLPDiscriminator, MLPGenerator
from ganbook.runtime import seed_everything
from tests.notebooks.definitions import from_notebook
from tools.execute import NOTEBOOKS

LOSSES = ("discriminator_loss", "minimax_generator_loss", "nonsaturating_generator_loss")
SHAPES = [(2,), (1, 8, 8)]


@pytest.fixture(scope="module")
def chapter():
    names = (*LOSSES, "Generator", "Discriminator", "train_step")
    return from_notebook(NOTEBOOKS / "03_vanilla_gan.ipynb", names)


@pytest.mark.parametrize("logits", [0.0, 3.0, -50.0, 200.0])
@pytest.mark.parametrize("name", LOSSES[1:])
def test_generator_losses(chapter, name, logits):
    fake = torch.randn(16) + logits
    torch.testing.assert_close(getattr(chapter, name)(fake), getattr(adversarial, name)(fake))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_discriminator_loss(chapter, smoothing):
    real, fake = 5 * torch.randn(16), 5 * torch.randn(16)
    torch.testing.assert_close(
        chapter.discriminator_loss(real, fake, smoothing),
        adversarial.discriminator_loss(real, fake, smoothing),
    )


def networks(chapter, shape):
    """The notebook's pair with the package's weights, and the package's pair."""
    packaged = MLPGenerator(4, shape, 16), MLPDiscriminator(shape, 16)
    by_hand = chapter.Generator(4, shape, 16), chapter.Discriminator(shape, 16)
    for ours, theirs in zip(by_hand, packaged, strict=True):
        ours.load_state_dict(theirs.state_dict())
    return by_hand, packaged


@pytest.mark.parametrize("shape", SHAPES)
def test_networks(chapter, shape):
    by_hand, packaged = networks(chapter, shape)
    z, samples = torch.randn(5, 4), torch.randn(5, *shape)
    assert by_hand[0](z).shape == (5, *shape)
    torch.testing.assert_close(by_hand[0](z), packaged[0](z), rtol=0, atol=0)
    torch.testing.assert_close(by_hand[1](samples), packaged[1](samples), rtol=0, atol=0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("saturating", "smoothing"), [(False, 0.0), (False, 0.1), (True, 0.0)])
def test_step(chapter, shape, saturating, smoothing):
    config = vanilla.Config(
        sample_shape=shape,
        latent_dim=4,
        hidden=16,
        saturating=saturating,
        label_smoothing=smoothing,
    )
    seed_everything(0)
    state = vanilla.build(config)
    generator, discriminator = chapter.Generator(4, shape, 16), chapter.Discriminator(shape, 16)
    generator.load_state_dict(state.generator.state_dict())
    discriminator.load_state_dict(state.discriminator.state_dict())
    optimizers = [
        torch.optim.Adam(network.parameters(), lr=config.learning_rate, betas=(0.5, 0.999))
        for network in (generator, discriminator)
    ]
    for step in range(3):
        real = torch.randn(8, *shape)
        seed_everything(step)
        theirs = vanilla.step(state, (real,))
        seed_everything(step)
        z = torch.randn(8, 4)
        ours = chapter.train_step(
            generator, discriminator, *optimizers, real, z, smoothing, saturating
        )
        assert ours.keys() == theirs.keys()
        for name, value in theirs.items():
            torch.testing.assert_close(ours[name], value)
    for ours, theirs in ((generator, state.generator), (discriminator, state.discriminator)):
        for parameter, expected in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(parameter, expected)
