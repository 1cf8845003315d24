"""ganbook.models.mlp."""

import pytest
import torch

from ganbook.models.mlp import MLPDiscriminator, MLPGenerator


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 8, 8), (2,)])
def test_shapes_and_parameter_counts(shape):
    values = torch.Size(shape).numel()
    generator = MLPGenerator(latent_dim=5, sample_shape=shape, hidden=7)
    discriminator = MLPDiscriminator(sample_shape=shape, hidden=7)
    samples = generator(torch.randn(4, 5))
    assert samples.shape == (4, *shape)
    assert discriminator(samples).shape == (4,)
    assert discriminator(samples[:1]).shape == (1,)
    assert count(generator) == (5 * 7 + 7) + (7 * 7 + 7) + (7 * values + values)
    assert count(discriminator) == (values * 7 + 7) + (7 * 7 + 7) + (7 + 1)


def test_images_are_bounded_and_points_are_not():
    z = 1e4 * torch.randn(64, 5, generator=torch.Generator().manual_seed(0))
    images = MLPGenerator(5, (1, 4, 4), 16)(z)
    assert images.abs().max().item() == pytest.approx(1.0)
    points = MLPGenerator(5, (2,), 16)(z)
    assert points.abs().max().item() > 10


def test_a_sample_of_another_shape_is_refused():
    discriminator = MLPDiscriminator((1, 32, 32))
    message = r"shape \(N, 1, 32, 32\), got \(4, 1, 28, 28\)"
    with pytest.raises(ValueError, match=message):
        discriminator(torch.zeros(4, 1, 28, 28))
