"""ganbook.training.state: sampling."""

import pytest
import torch
from torch import nn

from ganbook.gans import dcgan

CONFIG = dcgan.Config(channels=1, size=16, latent_dim=4, width=4, ema_half_life=50)


@pytest.fixture
def state():
    torch.manual_seed(0)
    return dcgan.build(CONFIG)


def test_samples_have_the_images_shape_and_follow_the_seed(state):
    first = state.sample(3, seed=1)
    assert first.shape == (3, 1, 16, 16) and first.device.type == "cpu"
    assert not first.requires_grad
    assert torch.equal(state.sample(3, seed=1), first)
    assert not torch.equal(state.sample(3, seed=2), first)


def test_sampling_leaves_the_global_generator_alone(state):
    before = torch.get_rng_state()
    state.sample(3)
    assert torch.equal(torch.get_rng_state(), before)
    state.latents(3)
    assert not torch.equal(torch.get_rng_state(), before)


def test_the_sampler_is_the_average(state):
    assert state.sampler is state.ema.module
    with torch.no_grad():
        for parameter in state.generator.parameters():
            parameter.zero_()
    assert state.sample(1).any()
    state.ema = None
    assert state.sampler is state.generator
    assert not state.sample(1).any()


@pytest.mark.parametrize("batch_size", [1, 2, 5, 100])
def test_an_image_does_not_depend_on_its_batch(state, batch_size):
    z = state.latents(5, torch.Generator().manual_seed(0))
    torch.testing.assert_close(state.generate(z, batch_size), state.generate(z))


@pytest.mark.parametrize("training", [True, False])
def test_the_samplers_mode_and_buffers_are_as_before(state, training):
    state.ema = None
    state.generator.train(training)
    running = {k: v.clone() for k, v in state.generator.state_dict().items()}
    state.sample(4)
    assert state.generator.training is training
    torch.testing.assert_close(state.generator.state_dict(), running, rtol=0, atol=0)
    with pytest.raises(RuntimeError):
        state.generate(torch.zeros(2, 99))  # latents of another length
    assert state.generator.training is training


def test_latents_are_standard_normal(state):
    z = state.latents(20_000, torch.Generator().manual_seed(0))
    assert z.shape == (20_000, 4)
    assert z.mean().item() == pytest.approx(0, abs=0.02)
    assert z.std().item() == pytest.approx(1, rel=0.02)


def test_the_device_is_the_generators(state):
    assert state.device == torch.device("cpu")
    state.generator = nn.Linear(1, 1, device="meta")
    assert state.device == torch.device("meta")


def test_a_number_below_one_is_refused(state):
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        state.sample(0)
