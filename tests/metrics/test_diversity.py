"""ganbook.metrics.diversity: distances by hand."""

import math

import pytest
import torch
from scipy.spatial.distance import pdist

from ganbook.metrics.diversity import mean_pairwise_distance, within_class_diversity


def test_three_points_by_hand():
    points = torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]])
    assert mean_pairwise_distance(points) == pytest.approx((3 + 4 + 5) / 3)


def test_it_agrees_with_scipy():
    features = torch.randn(50, 8)
    expected = pdist(features.double().numpy()).mean()
    assert mean_pairwise_distance(features) == pytest.approx(expected, rel=1e-12)


def test_equal_samples_have_none_and_scale_counts():
    features = torch.randn(1, 5).expand(20, 5)
    assert mean_pairwise_distance(features) == 0
    spread = torch.randn(20, 5)
    assert mean_pairwise_distance(3 * spread) == pytest.approx(3 * mean_pairwise_distance(spread))


def test_normal_features_lie_about_root_2d_apart():
    torch.manual_seed(0)
    assert mean_pairwise_distance(torch.randn(500, 400)) == pytest.approx(math.sqrt(800), rel=0.01)


def test_within_class_ignores_the_distance_of_the_classes():
    features = torch.tensor([[0.0], [1.0], [100.0], [104.0]])
    labels = torch.tensor([3, 3, 7, 7])
    assert within_class_diversity(features, labels) == {3: 1.0, 7: 4.0}
    shuffled = torch.tensor([2, 0, 3, 1])
    assert within_class_diversity(features[shuffled], labels[shuffled]) == {3: 1.0, 7: 4.0}


def test_bad_input():
    with pytest.raises(ValueError, match=r"\(N, D\), N at least 2, got \(1, 4\)"):
        mean_pairwise_distance(torch.zeros(1, 4))
    with pytest.raises(ValueError, match=r"\(N, D\), N at least 2, got \(4,\)"):
        mean_pairwise_distance(torch.zeros(4))
    with pytest.raises(ValueError, match=r"labels must have shape \(4,\).*got \(3,\)"):
        within_class_diversity(torch.zeros(4, 2), torch.zeros(3).long())
    with pytest.raises(ValueError, match="Class 5 has a single sample"):
        within_class_diversity(torch.zeros(3, 2), torch.tensor([1, 1, 5]))
