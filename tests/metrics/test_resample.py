"""ganbook.metrics.resample: closed forms, scipy, and intervals that hold what they should."""

import math

import numpy as np
import pytest
import scipy.stats
import torch

from ganbook.metrics.frechet import frechet_from_features
from ganbook.metrics.kernel import squared_mmd
from ganbook.metrics.precision_recall import density_coverage, precision_recall
from ganbook.metrics.resample import (
    Extrapolation,
    Interval,
    Spread,
    bootstrap,
    bootstrap_together,
    extrapolate,
    mean_and_spread,
    permutation_test,
)

DOUBLE = torch.float64


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def mean(x):
    return x.mean().item()


def normal(n, d, seed, scale=1.0, shift=0.0):
    return torch.randn(n, d, generator=seeded(seed), dtype=DOUBLE) * scale + shift


@pytest.mark.parametrize("n", [60, 61])
@pytest.mark.parametrize("replace", [False, True])
def test_the_standard_error_of_a_mean(n, replace):
    x = normal(n, 1, 0) * 5 + 100
    found = bootstrap(mean, x, repetitions=4000, generator=seeded(), replace=replace)
    error = x.std(correction=1 - replace).item() / math.sqrt(n)  # the classic divides by n
    assert found.value == mean(x)
    assert found.std == pytest.approx(error, rel=0.05)
    assert found.high - found.value == pytest.approx(1.96 * error, rel=0.1)
    assert found.value - found.low == pytest.approx(1.96 * error, rel=0.1)


@pytest.mark.parametrize("replace", [False, True])
def test_statistics_together_equal_each_alone_and_are_computed_once(replace):
    x, y = normal(40, 2, 0), normal(30, 2, 1, shift=1.0)
    calls = []

    def both(a, b):
        calls.append(1)
        return mean(a), mean(b)

    options = {"repetitions": 25, "confidence": 0.9, "replace": replace}
    together = bootstrap_together(both, x, y, generator=seeded(), **options)
    assert len(calls) == 1 + 25
    for found, alone in zip(together, (lambda a, b: mean(a), lambda a, b: mean(b)), strict=True):
        expected = bootstrap(alone, x, y, generator=seeded(), **options)
        for field in ("value", "low", "high", "std"):
            assert getattr(found, field) == pytest.approx(getattr(expected, field), rel=1e-12)


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95])
def test_intervals_hold_a_known_mean_as_often_as_they_say(confidence):
    held = 0
    for seed in range(250):
        generator = seeded(seed)
        x = torch.randn(50, generator=generator)
        found = bootstrap(mean, x, confidence=confidence, generator=generator)
        held += found.low <= 0 <= found.high
    noise = 4 * math.sqrt(confidence * (1 - confidence) / 250)
    # 50 samples and 200 values leave the interval a few per cent short.
    assert held / 250 == pytest.approx(confidence - 0.015, abs=noise)


def true_spread(statistic, draw, repetitions=150):
    values = np.array([statistic(*draw(1000 + seed)) for seed in range(repetitions)])
    return values.mean(), values.std()


STATISTICS = {
    "frechet": frechet_from_features,
    "kernel": squared_mmd,
    "precision": lambda real, fake: precision_recall(real, fake).precision,
    "density": lambda real, fake: density_coverage(real, fake).density,
    "coverage": lambda real, fake: density_coverage(real, fake).coverage,
}


def draw(seed):
    return normal(100, 6, 2 * seed), normal(100, 6, 2 * seed + 1, 1.2, 0.3)


@pytest.mark.parametrize("name", STATISTICS)
def test_the_spread_of_halves_is_that_of_new_samples(name):
    statistic = STATISTICS[name]
    average, std = true_spread(statistic, draw)
    found = [
        bootstrap(statistic, *draw(seed), repetitions=40, generator=seeded(seed))
        for seed in range(25)
    ]
    assert np.mean([interval.std for interval in found]) == pytest.approx(std, rel=0.3)
    held = sum(interval.low <= average <= interval.high for interval in found)
    assert 20 <= held <= 25


@pytest.mark.parametrize("name", ["frechet", "kernel"])
def test_between_equal_distributions_it_is_on_the_safe_side(name):
    def same(seed):
        return normal(100, 6, 2 * seed), normal(100, 6, 2 * seed + 1)

    average, std = true_spread(STATISTICS[name], same)
    found = [
        bootstrap(STATISTICS[name], *same(seed), repetitions=40, generator=seeded(seed))
        for seed in range(25)
    ]
    assert 1.4 * std < np.mean([interval.std for interval in found]) < 2.2 * std
    assert all(interval.low <= average <= interval.high for interval in found)


def test_the_average_at_n_is_held_and_not_the_truth_without_bias():
    def pair(seed):
        return normal(100, 24, 2 * seed), normal(100, 24, 2 * seed + 1, 1.2, 0.3)

    truth = 24 * (0.3**2 + 0.2**2)
    average, _ = true_spread(frechet_from_features, pair)
    found = [
        bootstrap(frechet_from_features, *pair(seed), repetitions=100, generator=seeded(seed))
        for seed in range(25)
    ]
    assert average > 2 * truth
    assert all(interval.low > truth for interval in found)
    assert sum(interval.low <= average <= interval.high for interval in found) >= 22


@pytest.mark.parametrize("name", ["kernel", "precision", "coverage"])
def test_copies_spoil_the_classic_bootstrap(name):
    # What the docstring tells: resampled with replacement, the values lie elsewhere altogether.
    statistic, (real, fake) = STATISTICS[name], draw(0)
    found = bootstrap(statistic, real, fake, generator=seeded())
    resampled = []

    def noted(*samples):
        resampled.append(statistic(*samples))
        return resampled[-1]

    shifts = {}
    for replace in (False, True):
        resampled.clear()
        bootstrap(noted, real, fake, generator=seeded(), replace=replace)
        shifts[replace] = abs(np.mean(resampled[1:]) - found.value) / found.std
    assert shifts[True] > 0.9 and shifts[True] > 3 * shifts[False]
    assert shifts[False] < 0.5


def test_sets_of_different_sizes_are_resampled_each_by_itself():
    sizes = []

    def difference(x, y):
        sizes.append((len(x), len(y)))
        assert len(x.unique()) == len(x)  # no copies
        return mean(x) - mean(y)

    x, y = torch.arange(10.0), torch.arange(7.0)
    bootstrap(difference, x, y, repetitions=50, generator=seeded())
    assert sizes[0] == (10, 7) and set(sizes[1:]) == {(5, 3), (5, 4)}


def test_rows_that_belong_together_by_their_indices():
    x, y = torch.arange(20.0), torch.arange(20.0) * 3

    def slope(rows):
        return (y[rows] / x[rows].clamp(min=1)).max().item()

    found = bootstrap(slope, torch.arange(20), repetitions=20, generator=seeded())
    assert found == Interval(3.0, 3.0, 3.0, 0.0)


def test_the_generator_decides():
    x = normal(30, 2, 0)
    one, same, other = (bootstrap(mean, x, generator=seeded(seed)) for seed in (0, 0, 1))
    assert one == same != other
    assert str(Interval(1.23456, 1.1, 1.4, 0.07)) == "1.235 [1.1, 1.4]"


def test_bootstrap_refuses_what_it_cannot_take():
    x = torch.arange(5.0)
    with pytest.raises(ValueError, match=r"of at least two samples each, got sets of \[\]"):
        bootstrap(mean)
    with pytest.raises(ValueError, match=r"got sets of \[5, 1\]"):
        bootstrap(mean, x, x[:1])
    with pytest.raises(ValueError, match="repetitions must be at least 2, got 1"):
        bootstrap(mean, x, repetitions=1)
    for confidence in (0.0, 1.0, 95):
        with pytest.raises(ValueError, match=f"between 0 and 1, got {confidence}"):
            bootstrap(mean, x, confidence=confidence)
    with pytest.raises(ValueError, match="not finite"):
        bootstrap(lambda part: math.nan if len(part) < 5 else 1.0, x)


def test_mean_and_spread():
    found = mean_and_spread([1.0, 2.0, 6.0])
    assert found == Spread(3.0, pytest.approx(math.sqrt((4 + 1 + 9) / 2)), 3)
    assert str(found) == "3 ± 2.6"
    assert mean_and_spread(torch.tensor([1.0, 2.0, 6.0])) == found
    one = mean_and_spread([4.0])
    assert (one.mean, one.n) == (4.0, 1) and math.isnan(one.std)
    with pytest.raises(ValueError, match="values is empty"):
        mean_and_spread([])


def test_permutation_test_by_hand():
    # Twenty ways to split six values; only the seen one and its mirror image lie so far apart.
    assert permutation_test([1, 2, 3], [4, 5, 6]) == 2 / 20
    assert permutation_test([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]) == 2 / 252
    assert permutation_test([1], [2]) == 1
    assert permutation_test([0.1, 0.2, 0.3], [0.3, 0.1, 0.2]) == 1
    assert permutation_test([7, 7], [7, 7, 7]) == 1


@pytest.mark.parametrize(("n", "m"), [(5, 5), (3, 7), (6, 4)])
def test_permutation_test_equals_scipys(n, m):
    first, second = normal(n, 1, 0).flatten().numpy(), normal(m, 1, 1, shift=0.8).flatten().numpy()
    peer = scipy.stats.permutation_test(
        (first, second), lambda a, b: abs(a.mean() - b.mean()), alternative="greater"
    )
    assert permutation_test(first, second) == pytest.approx(peer.pvalue, rel=1e-12)
    assert 0.005 < peer.pvalue < 0.9


def test_permutation_test_seldom_finds_what_is_not_there():
    found = [
        permutation_test(normal(5, 1, 2 * seed), normal(5, 1, 2 * seed + 1)) for seed in range(300)
    ]
    assert 0.01 < np.mean(np.array(found) <= 0.05) < 0.09


def test_permutation_test_refuses_what_it_cannot_take():
    with pytest.raises(ValueError, match="need values, got 0 and 1"):
        permutation_test([], [1.0])
    with pytest.raises(ValueError, match=r"705432 ways .* at most 200000"):
        permutation_test(range(11), range(11))


def test_extrapolate_finds_the_line_it_was_given():
    found = extrapolate([10, 20, 40, 40], [3 + 50 / 10, 3 + 50 / 20, 3 + 50 / 40, 3 + 50 / 40])
    assert found.limit == pytest.approx(3, rel=1e-12)
    assert found.slope == pytest.approx(50, rel=1e-12)
    assert found.at(100) == pytest.approx(3.5) and found.at(math.inf) == found.limit
    assert found.sizes == (10, 20, 40, 40) and len(found.values) == 4


def test_extrapolate_equals_numpys_line():
    sizes, values = [100, 150, 300, 700], [2.0, 1.8, 1.9, 1.4]
    slope, limit = np.polyfit(1 / np.array(sizes), values, 1)
    found = extrapolate(sizes, values)
    assert found == Extrapolation(
        pytest.approx(limit), pytest.approx(slope), tuple(sizes), tuple(values)
    )


@pytest.mark.parametrize(
    ("sizes", "values"),
    [([10, 20], [1.0]), ([10, 10], [1.0, 2.0]), ([0, 10], [1.0, 2.0]), ([], [])],
)
def test_extrapolate_refuses_what_it_cannot_take(sizes, values):
    with pytest.raises(ValueError, match="two of them different"):
        extrapolate(sizes, values)
