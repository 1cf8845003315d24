"""ganbook.generation.state: samples are images, fixed by their seed, drawn in eval mode."""

from dataclasses import dataclass

import pytest
import torch
from torch.optim import Adam

from ganbook.generation.state import CodeState
from ganbook.models.vae import Autoencoder
from ganbook.training.callbacks import SampleGrid


@dataclass(frozen=True)
class Config:
    """The one setting a state needs."""

    latent_dim: int = 3


@pytest.fixture
def state():
    torch.manual_seed(0)
    network = Autoencoder(3, 1, 16, 4)
    return CodeState(Config(), network, Adam(network.parameters()))


def test_samples_are_images_fixed_by_the_seed(state):
    images = state.sample(5, seed=4)
    assert images.shape == (5, 1, 16, 16) and images.abs().max() <= 1
    assert images.device.type == "cpu" and not images.requires_grad
    assert torch.equal(images, state.sample(5, seed=4))
    assert not torch.equal(images, state.sample(5, seed=5))
    z = state.latents(5, torch.Generator().manual_seed(4))
    assert z.shape == (5, 3) and torch.equal(state.generate(z), images)


def test_parts_do_not_matter_and_the_mode_is_restored(state):
    z = torch.randn(7, 3)
    torch.testing.assert_close(state.generate(z), state.generate(z, batch_size=2))
    before = [b.clone() for b in state.network.buffers()]
    for mode in (True, False):
        state.network.train(mode)
        state.generate(z)
        assert state.network.training is mode and state.network.decoder.training is mode
    assert all(torch.equal(a, b) for a, b in zip(before, state.network.buffers()))

    def breaks(part):
        raise RuntimeError("as asked")

    state.network.train()
    with pytest.raises(RuntimeError, match="as asked"):
        state.in_parts(breaks, z)
    assert state.network.training


def test_the_callbacks_take_it(state):
    grid = SampleGrid(torch.randn(4, 3), every=1, columns=2)
    state.step = 1
    grid(state, {})
    assert grid.frames[0][0] == 1 and grid.frames[0][1].shape[0] == 3


def test_no_samples_are_refused(state):
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        state.sample(0)
