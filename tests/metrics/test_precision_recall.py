"""ganbook.metrics.precision_recall: against hand values, brute force and torch-fidelity."""

import math

import numpy as np
import pytest
import torch
from torch_fidelity.metric_prc import prc_features_to_metric

from ganbook.metrics.precision_recall import (
    DensityCoverage,
    PrecisionRecall,
    density_coverage,
    expected_coverage,
    precision_recall,
)

DOUBLE = torch.float64

# Real balls for k = 1: [-1, 1], [0, 2], [1, 5]. Fake balls: [-2, -1], [-1.5, -0.5], [0, 5] and
# [2.5, 7.5]. The fakes -1 and 5 and the real 0 lie on an edge, which counts as inside.
REAL = torch.tensor([[0.0], [1.0], [3.0]])
FAKE = torch.tensor([[-1.5], [-1.0], [2.5], [5.0]])


def normal(n, d, seed, scale=1.0, shift=0.0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=generator, dtype=DOUBLE) * scale + shift


def brute_force(real, fake, k):
    """All four numbers from every difference, in NumPy and in the input's own type."""
    real, fake = real.numpy(), fake.numpy()

    def squared(a, b):
        return np.square(a[:, None] - b[None]).sum(-1)

    def radii(x):
        others = squared(x, x).astype(float)
        np.fill_diagonal(others, np.inf)
        return np.sort(others, axis=1)[:, k - 1]

    in_real, in_fake = squared(fake, real) <= radii(real), squared(real, fake) <= radii(fake)
    return (
        PrecisionRecall(in_real.any(1).mean(), in_fake.any(1).mean()),
        DensityCoverage(in_real.sum() / (k * len(fake)), in_real.any(0).mean()),
    )


def test_by_hand():
    assert precision_recall(REAL, FAKE, k=1) == PrecisionRecall(3 / 4, 1.0)
    assert density_coverage(REAL, FAKE, k=1) == DensityCoverage(3 / 4, 2 / 3)


def test_exchanging_the_sets_exchanges_precision_and_recall():
    found, exchanged = precision_recall(REAL, FAKE, k=1), precision_recall(FAKE, REAL, k=1)
    assert (found.precision, found.recall) == (exchanged.recall, exchanged.precision)


def test_sets_far_apart_have_nothing_in_common():
    x, y = normal(30, 4, 0), normal(20, 4, 1, shift=100.0)
    assert precision_recall(x, y) == PrecisionRecall(0, 0)
    assert density_coverage(x, y) == DensityCoverage(0, 0)


def test_collapse_keeps_precision_and_loses_recall_and_coverage():
    real, fake = normal(500, 4, 0), normal(500, 4, 1, scale=0.05)
    found, other = precision_recall(real, fake), density_coverage(real, fake)
    assert found.precision == 1 and found.recall < 0.01
    assert 0.8 < other.density < 1.5 and other.coverage < 0.05  # density alone sees nothing


def test_one_outlier_widens_recall_but_not_coverage():
    # Five fakes far off, on all sides, have balls that hold every real sample.
    real, far = normal(200, 2, 0), normal(5, 2, 1, scale=100.0)
    fake = torch.cat([normal(195, 2, 2, scale=0.01), far])
    assert precision_recall(real, fake).recall > 0.95
    assert density_coverage(real, fake).coverage < 0.1


@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize(("n", "m", "d"), [(60, 50, 2), (40, 90, 20)])
def test_equals_brute_force(n, m, d, k):
    real, fake = normal(n, d, 0), normal(m, d, 1, 0.8, 0.2)
    found = precision_recall(real, fake, k), density_coverage(real, fake, k)
    assert found == brute_force(real, fake, k)
    assert 0 < found[0].recall < 1 and 0 < found[1].density < 2.5


@pytest.mark.parametrize("offset", [0, 1000])
def test_ties_are_exact(offset):
    # On a grid of 64 points nearly every distance is tied; integers leave no rounding to NumPy.
    generator = torch.Generator().manual_seed(3)
    real = torch.randint(0, 4, (200, 3), generator=generator) + offset
    fake = torch.randint(1, 6, (150, 3), generator=generator) + offset
    for k in (1, 2, 5):
        found = precision_recall(real, fake, k), density_coverage(real, fake, k)
        assert found == brute_force(real, fake, k)


def test_a_set_against_itself():
    # Every ball holds its own centre and its k neighbours, the last of them on its edge.
    x = normal(300, 64, 5, shift=100.0).float()
    assert precision_recall(x, x.flip(0), k=3) == PrecisionRecall(1, 1)
    assert density_coverage(x, x.flip(0), k=5) == DensityCoverage(pytest.approx(6 / 5), 1)


def test_copies_of_one_sample():
    one = normal(1, 512, 6, shift=100.0).float()
    real, fake = one.repeat(20, 1), one.repeat(10, 1)  # all radii are zero
    assert precision_recall(real, fake) == PrecisionRecall(1, 1)
    assert density_coverage(real, fake) == DensityCoverage(20 / 5, 1)
    assert precision_recall(real, fake + 1e-3) == PrecisionRecall(0, 0)


def test_small_distances_far_from_the_origin():
    # Two clusters of width 1e-4, each 1000 away from the mean of both.
    sides = torch.tensor([-1000.0, 1000.0], dtype=DOUBLE).repeat(50)[:, None]
    real, fake = normal(100, 3, 7, 1e-4) + sides, normal(100, 3, 8, 1.5e-4) + sides
    found = precision_recall(real, fake), density_coverage(real, fake)
    expected = brute_force(real, fake, 3)[0], brute_force(real, fake, 5)[1]
    assert found == expected and found[0].precision < 0.9


@pytest.mark.parametrize("batch_size", [1, 7, 64, 100])
def test_the_batch_size_does_not_matter(batch_size):
    real, fake = normal(100, 16, 0).float(), normal(90, 16, 1, 0.8).float()
    assert precision_recall(real, fake, batch_size=batch_size) == precision_recall(real, fake)
    assert density_coverage(real, fake, batch_size=batch_size) == density_coverage(real, fake)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("save_cpu_ram", [True, False])
def test_equals_torch_fidelity(dtype, save_cpu_ram):
    real, fake = normal(700, 64, 0).to(dtype), normal(600, 64, 1, 0.9, 0.1).to(dtype)
    for k in (3, 5):
        peer = prc_features_to_metric(
            fake,  # it calls the generated set the first
            real,
            prc_neighborhood=k,
            prc_batch_size=250,
            save_cpu_ram=save_cpu_ram,
            verbose=False,
        )
        found = precision_recall(real, fake, k)
        assert found.precision == pytest.approx(peer["precision"], abs=1e-6)
        assert found.recall == pytest.approx(peer["recall"], abs=1e-6)
        assert 0.05 < found.recall < found.precision < 0.95


@pytest.mark.parametrize(("n", "m", "k", "d"), [(40, 30, 3, 2), (25, 60, 5, 10)])
def test_means_of_density_and_coverage_where_the_distributions_are_the_same(n, m, k, d):
    found = []
    for seed in range(400):
        generator = torch.Generator().manual_seed(seed)
        both = torch.rand(n + m, d, generator=generator).square()  # neither normal nor uniform
        report = density_coverage(both[:n], both[n:], k)
        found.append((report.density, report.coverage))
    found = torch.tensor(found, dtype=DOUBLE)
    errors = 4 * found.std(dim=0) / math.sqrt(len(found))
    expected = torch.tensor([1.0, expected_coverage(n, m, k)], dtype=DOUBLE)
    assert (found.mean(dim=0) - expected).abs().lt(errors).all() and errors.max() < 0.06


def test_expected_coverage_by_hand_and_in_the_limit():
    # One of N + M - 1 others is nearest: it is real with probability (N - 1) / (N + M - 1).
    assert expected_coverage(3, 2, k=1) == pytest.approx(1 - 2 / 4)
    assert expected_coverage(3, 2, k=2) == pytest.approx(1 - 2 / 4 * 1 / 3)
    assert expected_coverage(10**9, 10**9, k=5) == pytest.approx(1 - 2**-5)
    with pytest.raises(ValueError, match="n_fake must be at least 1, got 0"):
        expected_coverage(3, 0)


def test_bad_input():
    x, y = torch.zeros(3, 2), torch.zeros(9, 2)
    with pytest.raises(ValueError, match=r"real needs at least 4 samples .* k = 3, got 3"):
        precision_recall(x, y)
    with pytest.raises(ValueError, match=r"fake needs at least 4 samples .* k = 3, got 3"):
        precision_recall(y, x)
    with pytest.raises(ValueError, match=r"real needs at least 6 samples .* k = 5, got 3"):
        density_coverage(x, y)
    assert density_coverage(y, x).coverage == 1  # only the real samples have balls
    with pytest.raises(ValueError, match="fake needs at least 1 samples, got 0"):
        density_coverage(y, x[:0])
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        precision_recall(x, y, k=0)
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        density_coverage(y, y, batch_size=0)
    with pytest.raises(ValueError, match="equally many features, got 2 and 1"):
        precision_recall(y, y[:, :1])
    with pytest.raises(ValueError, match="fake has NaN"):
        precision_recall(y, y + math.nan)
