"""ganbook.metrics.modes: counts by hand."""

import math

import pytest
import torch

from ganbook.data.toy import grid_centers, ring_centers, sample_mixture
from ganbook.metrics.modes import ModeReport, mode_report

CENTERS = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])


def test_counts_by_hand():
    samples = torch.tensor(
        [[0.1, 0.0], [0.0, -0.2], [0.0, 0.29], [10.0, 0.1], [0.0, 9.0], [5.0, 5.0], [0.31, 0.0]]
    )
    # Three samples within 0.3 of the first centre, one of the second; three too far from any.
    report = mode_report(samples, CENTERS, std=0.1)
    assert (report.covered, report.modes) == (2, 4)
    assert report.high_quality == pytest.approx(4 / 7)
    by_hand = math.log(4) + 0.75 * math.log(0.75) + 0.25 * math.log(0.25)
    assert report.kl == pytest.approx(by_hand)


def test_all_modes_equally():
    assert mode_report(CENTERS.repeat(5, 1), CENTERS, 0.1) == ModeReport(4, 4, 1.0, 0.0)


def test_collapse_on_one_mode():
    report = mode_report(CENTERS[2:3].repeat(9, 1), CENTERS, 0.1)
    assert (report.covered, report.high_quality) == (1, 1.0)
    assert report.kl == pytest.approx(math.log(4))


def test_no_sample_near_any_mode():
    report = mode_report(torch.full((3, 2), 5.0), CENTERS, 0.1)
    assert report == ModeReport(0, 4, 0.0, math.inf)
    assert mode_report(torch.full((3, 2), math.nan), CENTERS, 0.1) == report


@pytest.mark.parametrize("centers", [ring_centers(), grid_centers()])
def test_the_real_mixture_is_nearly_perfect(centers):
    generator = torch.Generator().manual_seed(0)
    n = 20_000
    samples = sample_mixture(centers, n, 0.05, generator)
    report = mode_report(samples, centers, 0.05)
    assert report.covered == report.modes == len(centers)
    # Within three standard deviations in two dimensions: 1 - exp(-9 / 2).
    assert report.high_quality == pytest.approx(1 - math.exp(-4.5), abs=0.004)
    # Of n fair draws, KL is chi-squared with K - 1 degrees of freedom, divided by 2 n.
    degrees = len(centers) - 1
    assert 2 * n * report.kl == pytest.approx(degrees, abs=5 * math.sqrt(2 * degrees))


def test_the_order_of_samples_does_not_matter():
    generator = torch.Generator().manual_seed(1)
    samples = sample_mixture(CENTERS[:3], 50, 0.15, generator)
    mixed = samples[torch.randperm(50, generator=generator)]
    assert mode_report(mixed, CENTERS, 0.1) == mode_report(samples, CENTERS, 0.1)


def test_bad_input():
    with pytest.raises(ValueError, match="samples is empty"):
        mode_report(torch.zeros(0, 2), CENTERS, 0.1)
    with pytest.raises(ValueError, match=r"got \(5, 3\) and \(4, 2\)"):
        mode_report(torch.zeros(5, 3), CENTERS, 0.1)
