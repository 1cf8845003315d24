"""ganbook.metrics.path_length: against closed forms."""

import math

import pytest
import torch

from ganbook.metrics.path_length import PathLength, arc, line, perceptual_path_length
from ganbook.plotting.latent import slerp


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def identity(x):
    return x


def test_a_linear_generator_on_lines_has_a_known_length():
    # G(z) = A z: each length is |A (z2 - z1)|^2, whatever epsilon; its mean is 2 tr(A^T A).
    matrix = torch.randn(5, 3, generator=seeded())
    found = perceptual_path_length(
        lambda z: z @ matrix.T, 3, identity, n=20_000, walk="line", generator=seeded(1)
    )
    expected = 2 * matrix.square().sum().item()
    assert found.mean == pytest.approx(expected, rel=0.03)
    assert abs(found.mean - expected) < 4 * found.standard_error
    assert found.median < found.trimmed < found.mean  # a long tail to the right
    assert found.n == 20_000


def test_one_dimension_by_hand():
    # |z2 - z1|^2 = 2 chi-squared with one degree of freedom: mean 2, variance 8.
    found = perceptual_path_length(
        identity, 1, lambda x: x.double(), n=40_000, walk="line", generator=seeded()
    )
    assert found.mean == pytest.approx(2, abs=0.06)
    assert found.standard_error == pytest.approx(math.sqrt(8 / 40_000), rel=0.05)
    assert found.median == pytest.approx(2 * 0.4549, rel=0.03)


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_the_arc_has_a_known_length_too(scale):
    # In many dimensions latents are orthogonal and of length sqrt(D): the arc's speed is
    # (pi / 2) sqrt(D), nearly the same for each pair, and a linear scale enters squared.
    d = 4096
    found = perceptual_path_length(lambda z: scale * z, d, identity, n=50, generator=seeded())
    expected = scale**2 * (math.pi / 2) ** 2 * d
    assert found.mean == pytest.approx(expected, rel=0.02)
    assert found.standard_error < 0.01 * expected


def test_a_generator_that_ignores_its_latent_has_length_zero():
    found = perceptual_path_length(lambda z: 0 * z, 8, identity, n=10, generator=seeded())
    assert found == PathLength(0, 0, 0, 0, 10)


def test_a_jump_lengthens_the_mean_but_not_the_median():
    def step(z):
        return (z[:, :1] > 0).float()

    found = perceptual_path_length(step, 4, identity, n=2000, generator=seeded())
    assert found.mean > 10 and found.median == 0 and found.trimmed < found.mean


@pytest.mark.parametrize("batch_size", [1, 7, 100])
def test_the_batch_size_does_not_matter(batch_size):
    matrix = torch.randn(6, 4, generator=seeded()).double()
    found = perceptual_path_length(
        lambda z: z.double() @ matrix.T, 4, identity, 30, batch_size=batch_size, generator=seeded()
    )
    expected = perceptual_path_length(
        lambda z: z.double() @ matrix.T, 4, identity, 30, generator=seeded()
    )
    assert found.mean == pytest.approx(expected.mean, rel=1e-6)


def test_features_of_images_are_flattened_and_epsilon_hardly_matters_where_it_is_smooth():
    def images(z):
        return z.double().sin().view(-1, 1, 4, 4)

    found = [
        perceptual_path_length(images, 16, identity, 200, epsilon, generator=seeded()).mean
        for epsilon in (1e-2, 1e-3)
    ]
    assert found[0] == pytest.approx(found[1], rel=0.02)


def test_walks():
    start, end = torch.randn(2, 3, 5, generator=seeded())
    for walk in (line, arc):
        torch.testing.assert_close(walk(start, end, torch.zeros(3, 1)), start)
        torch.testing.assert_close(walk(start, end, torch.ones(3, 1)), end)
    expected = torch.stack([slerp(a, b, 3)[1] for a, b in zip(start, end)])
    torch.testing.assert_close(arc(start, end, torch.full((3, 1), 0.5)), expected)
    # Parallel latents: no division by zero, and no NaN in the other rows.
    start[0] = end[0]
    found = arc(start, end, torch.full((3, 1), 0.3))
    torch.testing.assert_close(found[0], end[0])
    assert found.isfinite().all()


def test_bad_input():
    for options, message in (
        ({"walk": "spiral"}, "walk is 'spiral'; accepted are arc, line"),
        ({"epsilon": 0}, "epsilon must lie between 0 and 1, got 0"),
        ({"epsilon": 1}, "epsilon must lie between 0 and 1, got 1"),
        ({"n": 1}, "n must be at least 2, got 1"),
    ):
        with pytest.raises(ValueError, match=message):
            perceptual_path_length(identity, 4, identity, **options)
