"""ganbook.gans.dcgan: what differs from the vanilla GAN (its step is tested there)."""

from dataclasses import replace

import pytest
import torch

from ganbook.gans import dcgan, vanilla
from ganbook.models.dcgan import DCGANDiscriminator, DCGANGenerator

SMALL = dcgan.Config(channels=1, size=16, latent_dim=4, width=4)


def test_the_step_is_the_vanilla_gans():
    assert dcgan.step is vanilla.step


def test_defaults_are_the_papers():
    config = dcgan.Config()
    assert (config.latent_dim, config.size, config.channels) == (100, 64, 3)
    assert (config.learning_rate, config.beta1) == (2e-4, 0.5)
    assert (config.label_smoothing, config.saturating, config.ema_half_life) == (0, False, 0)


def test_build_makes_the_networks_of_the_config():
    state = dcgan.build(replace(SMALL, channels=3, size=32, ema_half_life=100))
    assert isinstance(state.generator, DCGANGenerator)
    assert isinstance(state.discriminator, DCGANDiscriminator)
    assert state.sample(2).shape == (2, 3, 32, 32)
    assert state.sampler is state.ema.module
    torch.testing.assert_close(state.ema.module.state_dict(), state.generator.state_dict())


def test_the_seed_decides_the_weights():
    torch.manual_seed(3)
    first = dcgan.build(SMALL).generator.state_dict()
    torch.manual_seed(3)
    torch.testing.assert_close(dcgan.build(SMALL).generator.state_dict(), first, rtol=0, atol=0)
    other = dcgan.build(SMALL).generator.state_dict()
    assert not torch.equal(other["layers.0.0.weight"], first["layers.0.0.weight"])


@pytest.mark.parametrize(("precision", "last"), [("float32", False), ("bf16", True)])
def test_bf16_stores_channels_last(precision, last):
    state = dcgan.build(replace(SMALL, size=32, precision=precision))
    weight = state.generator.layers[1][0].weight
    assert weight.is_contiguous(memory_format=torch.channels_last) is last
    assert weight.is_contiguous() is not last


def test_a_size_that_is_no_power_of_two_is_refused():
    with pytest.raises(ValueError, match="power of two of at least 16, got 48"):
        dcgan.build(replace(SMALL, size=48))
