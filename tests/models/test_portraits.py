"""ganbook.models.portraits and the weights that ship with the package."""

import pytest
import torch

from ganbook.data.emoji import load_portraits
from ganbook.metrics.nearest import nearest_neighbours
from ganbook.models.portraits import LATENT_DIM, load_portrait_generator


@pytest.fixture(scope="module")
def generator():
    return load_portrait_generator()


@pytest.fixture(scope="module")
def samples(generator):
    return generator(torch.randn(64, LATENT_DIM, generator=torch.Generator().manual_seed(0)))


def test_the_shipped_generator_is_frozen_and_in_float32(generator):
    assert not generator.training
    assert not any(p.requires_grad for p in generator.parameters())
    assert {p.dtype for p in generator.parameters()} == {torch.float32}


def test_samples_are_portraits_on_white(samples):
    real = load_portraits(64).tensors[0]
    assert samples.shape == (64, 3, 64, 64)
    assert samples.isfinite().all()
    corners = samples[:, :, 0, [0, -1]]
    assert corners.mean().item() == pytest.approx(1.0, abs=0.05)  # hats and boards reach there
    torch.testing.assert_close(samples.mean((0, 2, 3)), real.mean((0, 2, 3)), atol=0.1, rtol=0)
    assert samples.std().item() == pytest.approx(real.std().item(), rel=0.1)


def test_samples_differ_and_lie_nearer_a_drawing_than_two_drawings_do(samples):
    real = load_portraits(64).tensors[0]
    shuffled = real[torch.randperm(len(real), generator=torch.Generator().manual_seed(1))]
    two_drawings = (real - shuffled).square().mean((1, 2, 3)).sqrt().mean().item()
    to_drawings = nearest_neighbours(samples, real)[0].mean().item()
    between_samples = nearest_neighbours(samples, samples, k=2)[0][:, 1].mean().item()
    assert 0.4 < to_drawings / two_drawings < 0.8
    assert 0.4 < between_samples / two_drawings < 0.8
