"""ganbook.metrics.moments: streams against NumPy, parts against the whole."""

import math

import numpy as np
import pytest
import torch

from ganbook.metrics.moments import Statistics
from tests.metrics.correlated import features

DOUBLE = torch.float64


@pytest.mark.parametrize("batch_size", [1, 7, 100, 300])
def test_streaming_statistics_equal_numpys(batch_size):
    x = features(300, 12, seed=6, shift=1000.0)  # a large mean, where a naive sum loses digits
    statistics = Statistics()
    for batch in x.split(batch_size):
        statistics.update(batch)
    assert statistics.n == 300
    assert statistics.mean.dtype == statistics.covariance.dtype == DOUBLE
    np.testing.assert_allclose(statistics.mean, x.numpy().mean(0), rtol=1e-13)
    expected = np.cov(x.numpy(), rowvar=False)
    np.testing.assert_allclose(statistics.covariance, expected, rtol=1e-8, atol=1e-10)


def test_merged_parts_equal_the_whole_and_stay_as_they_are():
    x = features(120, 5, seed=8, shift=100.0)
    whole, parts = Statistics(), [Statistics() for _ in range(4)]
    whole.update(x)
    for part, rows in zip(parts, x.split([1, 50, 0, 69])):
        part.update(rows)
    merged = Statistics()
    for part in parts:
        merged.merge(part)
    assert merged.n == 120 and [part.n for part in parts] == [1, 50, 0, 69]
    torch.testing.assert_close(merged.mean, whole.mean, rtol=1e-13, atol=0)
    torch.testing.assert_close(merged.covariance, whole.covariance, rtol=1e-8, atol=1e-12)
    assert parts[0].mean.equal(x[0])  # the first was taken over, not changed
    torch.testing.assert_close(parts[1].covariance, x[1:51].T.cov(), rtol=1e-8, atol=1e-12)


def test_statistics_of_other_features_do_not_merge():
    one, other = Statistics(), Statistics()
    one.update(torch.zeros(2, 4))
    other.update(torch.zeros(2, 5))
    with pytest.raises(ValueError, match="Expected 4 features, got 5"):
        one.merge(other)


def test_reading_statistics_does_not_disturb_them():
    x = features(20, 3, seed=7)
    statistics = Statistics()
    statistics.update(x[:10])
    mean, covariance = statistics.mean, statistics.covariance
    kept = mean.clone(), covariance.clone()
    statistics.update(x[10:])
    torch.testing.assert_close((mean, covariance), kept)
    torch.testing.assert_close(statistics.covariance, x.T.cov())


def test_statistics_refuse_what_they_cannot_take():
    statistics = Statistics()
    with pytest.raises(ValueError, match="at least 1 samples, got 0"):
        _ = statistics.mean
    with pytest.raises(ValueError, match=r"shape \(N, D\), got \(3,\)"):
        statistics.update(torch.zeros(3))
    with pytest.raises(ValueError, match="NaN or infinite"):
        statistics.update(torch.tensor([[math.nan]]))
    statistics.update(torch.zeros(1, 4))
    with pytest.raises(ValueError, match="at least 2 samples, got 1"):
        _ = statistics.covariance
    with pytest.raises(ValueError, match="Expected 4 features, got 5"):
        statistics.update(torch.zeros(2, 5))


def test_an_empty_batch_changes_nothing():
    statistics = Statistics()
    statistics.update(torch.zeros(0, 4))
    assert statistics.n == 0
    statistics.update(torch.ones(1, 4))
    statistics.update(torch.zeros(0, 4))
    assert statistics.n == 1
    assert statistics.mean.tolist() == [1, 1, 1, 1]
