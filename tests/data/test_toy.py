"""ganbook.data.toy: mixtures of Gaussians."""

import math

import pytest
import torch

from ganbook.data.toy import grid_centers, ring_centers, sample_mixture


def test_ring_by_hand():
    expected = torch.tensor([[3.0, 0.0], [0.0, 3.0], [-3.0, 0.0], [0.0, -3.0]])
    torch.testing.assert_close(ring_centers(4, 3.0), expected, atol=1e-6, rtol=0)


def test_ring_is_evenly_spaced():
    centers = ring_centers(8, 2.0)
    assert centers.shape == (8, 2)
    torch.testing.assert_close(centers.norm(dim=1), torch.full((8,), 2.0))
    gaps = (centers - centers.roll(1, 0)).norm(dim=1)
    torch.testing.assert_close(gaps, torch.full((8,), 4 * math.sin(math.pi / 8)))


def test_grid_by_hand():
    expected = {(x, y) for x in (-1.0, 1.0) for y in (-1.0, 1.0)}
    assert {tuple(point) for point in grid_centers(2, 2.0).tolist()} == expected
    centers = grid_centers(5, 2.0)
    assert centers.shape == (25, 2)
    assert centers.unique().tolist() == [-4, -2, 0, 2, 4]
    torch.testing.assert_close(centers.mean(0), torch.zeros(2))


def test_statistics_of_the_samples():
    generator = torch.Generator().manual_seed(0)
    centers = ring_centers(4, 10.0)
    points = sample_mixture(centers, 40_000, std=0.5, generator=generator)
    assert points.shape == (40_000, 2)
    nearest = torch.cdist(points, centers).argmin(1)
    for count in nearest.bincount().tolist():
        assert count == pytest.approx(10_000, abs=450)  # 5 standard deviations
    offset = points - centers[nearest]
    torch.testing.assert_close(offset.mean(0), torch.zeros(2), atol=0.0125, rtol=0)
    torch.testing.assert_close(offset.std(0), torch.full((2,), 0.5), atol=0, rtol=0.02)


def test_the_generator_decides_and_the_global_one_is_left_alone():
    before = torch.get_rng_state()
    first, again = (
        sample_mixture(ring_centers(), 9, generator=torch.Generator().manual_seed(5))
        for _ in range(2)
    )
    assert torch.equal(first, again)
    assert torch.equal(torch.get_rng_state(), before)
    sample_mixture(ring_centers(), 9)
    assert not torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ring_centers(0), "modes must be positive, got 0"),
        (lambda: ring_centers(3, -1), "radius must be positive, got -1"),
        (lambda: grid_centers(0), "side must be positive, got 0"),
        (lambda: grid_centers(2, 0), "spacing must be positive, got 0"),
        (lambda: sample_mixture(ring_centers(), 0), "n must be positive, got 0"),
        (lambda: sample_mixture(ring_centers(), 3, std=0), "std must be positive, got 0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
