"""ganbook.metrics.checks."""

import math

import numpy as np
import pytest
import torch

from ganbook.metrics.checks import check_positive, checked_features, checked_pair


@pytest.mark.parametrize(
    "features",
    [
        torch.tensor([[1.0, 2.0]], requires_grad=True),
        torch.tensor([[1, 2]], dtype=torch.uint8),
        torch.tensor([[1, 2]], dtype=torch.bfloat16),
        np.array([[1.0, 2.0]]),
    ],
)
def test_any_numbers_become_float64(features):
    found = checked_features(features, "x")
    assert found.dtype == torch.float64 and not found.requires_grad
    assert found.tolist() == [[1, 2]]


def test_a_pair_stays_in_its_order():
    real, fake = checked_pair(torch.zeros(2, 3), torch.ones(4, 3))
    assert (len(real), len(fake)) == (2, 4)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (torch.zeros(3), r"x must have shape \(N, D\), got \(3,\)"),
        (torch.zeros(2, 3, 4), r"x must have shape \(N, D\), got \(2, 3, 4\)"),
        (torch.zeros(2, 0), r"x must have shape \(N, D\), got \(2, 0\)"),
        (torch.zeros(0, 4), "x needs at least 2 samples, got 0"),
        (torch.zeros(1, 4), "x needs at least 2 samples, got 1"),
        (torch.tensor([[0.0], [math.nan]]), "x has NaN or infinite"),
        (torch.tensor([[0.0], [math.inf]]), "x has NaN or infinite"),
    ],
)
def test_bad_features(features, message):
    with pytest.raises(ValueError, match=message):
        checked_features(features, "x", least=2)


def test_a_pair_names_the_one_that_is_wrong():
    with pytest.raises(ValueError, match="real needs at least 1 samples, got 0"):
        checked_pair(torch.zeros(0, 3), torch.zeros(1, 3))
    with pytest.raises(ValueError, match=r"fake must have shape \(N, D\), got \(3,\)"):
        checked_pair(torch.zeros(1, 3), torch.zeros(3))
    with pytest.raises(ValueError, match="got 3 and 4: were they made by the same extractor"):
        checked_pair(torch.zeros(1, 3), torch.zeros(1, 4))


def test_positive_numbers():
    check_positive(k=1, batch_size=7)
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        check_positive(k=1, batch_size=0)
