"""ganbook.metrics.inception_score: against hand values and the peers."""

import math

import pytest
import torch
from torch_fidelity.metric_isc import isc_features_to_metric
from torchmetrics.image.inception import InceptionScore

from ganbook.metrics.inception_score import ScoreReport, inception_score

DOUBLE = torch.float64


def random_logits(n, k, seed=0, scale=3.0):
    return torch.randn(n, k, generator=torch.Generator().manual_seed(seed), dtype=DOUBLE) * scale


def test_undecided_verdicts_score_one():
    assert inception_score(torch.zeros(20, 7)) == ScoreReport(pytest.approx(1, rel=1e-12), 0)


def test_one_certain_verdict_for_all_scores_one():
    found = inception_score(torch.tensor([[50.0, 0.0, -3.0]]).repeat(10, 1), splits=2)
    assert found.mean == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("scale", [40.0, 1e4])  # far beyond what float64 probabilities can hold
def test_certain_and_even_verdicts_score_the_number_of_classes(scale):
    found = inception_score(torch.eye(8).repeat(10, 1) * scale, splits=10)
    assert found.mean == pytest.approx(8, rel=1e-12)
    assert found.std == pytest.approx(0, abs=1e-12)


def test_by_hand():
    logits = torch.tensor([[0.9, 0.1], [0.1, 0.9]], dtype=DOUBLE).log() + 5  # a shift is nothing
    expected = math.exp(0.9 * math.log(0.9 / 0.5) + 0.1 * math.log(0.1 / 0.5))
    assert inception_score(logits, splits=1).mean == pytest.approx(expected, rel=1e-12)


def test_mean_and_deviation_of_two_splits_by_hand():
    certain, undecided = torch.eye(2) * 100, torch.zeros(2, 2)
    found = inception_score(torch.cat([certain, undecided]), splits=2)
    assert found == ScoreReport(pytest.approx(1.5), pytest.approx(0.5))


def test_images_sorted_by_class_need_shuffling():
    logits = torch.eye(10).repeat_interleave(100, dim=0) * 50
    assert inception_score(logits, splits=10).mean == pytest.approx(1)
    shuffled = inception_score(logits, splits=10, generator=torch.Generator().manual_seed(0))
    assert 9.2 < shuffled.mean < 9.8  # the mean verdict of 100 images is not quite even
    assert inception_score(logits, splits=1).mean == pytest.approx(10)


def test_few_images_a_split_score_less():
    logits = random_logits(2000, 10)
    scores = [inception_score(logits, splits=splits).mean for splits in (1, 10, 100)]
    assert scores[0] - 0.2 < scores[1] < scores[0]
    assert 1 < scores[2] < scores[1] - 0.1


@pytest.mark.parametrize(("n", "splits"), [(100, 10), (103, 10), (23, 7), (5, 5), (50, 1)])
def test_equals_torch_fidelity(n, splits):
    logits = random_logits(n, 12)
    peer = isc_features_to_metric(logits, splits, shuffle=False)
    found = inception_score(logits, splits)
    assert found.mean == pytest.approx(peer["inception_score_mean"], rel=1e-10)
    assert found.std == pytest.approx(peer["inception_score_std"], rel=1e-10, abs=1e-12)


@pytest.mark.filterwarnings("ignore:Metric `InceptionScore` will save:UserWarning")
def test_equals_torchmetrics_in_its_order():
    logits = random_logits(120, 12)
    metric = InceptionScore(feature=torch.nn.Identity(), splits=4)
    metric.update(logits)
    torch.manual_seed(7)
    mean, std = metric.compute()
    found = inception_score(logits, 4, generator=torch.Generator().manual_seed(7))
    assert found.mean == pytest.approx(mean.item(), rel=1e-6)
    assert found.std * math.sqrt(4 / 3) == pytest.approx(std.item(), rel=1e-5)


def test_float32_logits_are_computed_in_float64():
    logits = random_logits(60, 12).float()
    assert inception_score(logits) == inception_score(logits.double())


def test_bad_input():
    logits = torch.zeros(5, 3)
    with pytest.raises(ValueError, match="between 1 and the 5 images, got 10"):
        inception_score(logits)
    with pytest.raises(ValueError, match="between 1 and the 5 images, got 0"):
        inception_score(logits, splits=0)
    with pytest.raises(ValueError, match=r"logits must have shape \(N, D\), got \(3,\)"):
        inception_score(logits[0])
    with pytest.raises(ValueError, match="logits has NaN or infinite"):
        inception_score(torch.full((20, 3), math.inf))
    with pytest.raises(ValueError, match="logits needs at least 1 samples, got 0"):
        inception_score(logits[:0])
