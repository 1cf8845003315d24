"""What chapter 10 builds by hand equals ganbook's, and known values."""

import math
from pathlib import Path

import pytest
import torch

from ganbook.metrics.classifier import train_classifier
from ganbook.metrics.frechet import frechet_from_features
from ganbook.metrics.inception_score import inception_score
from ganbook.metrics.kernel import polynomial_kernel, squared_mmd
from ganbook.metrics.path_length import arc, perceptual_path_length
from ganbook.metrics.precision_recall import density_coverage, precision_recall
from ganbook.metrics.two_alternative import wilson_interval
from ganbook.models.classifier import DigitClassifier
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "10_evaluation.ipynb"
NAMES = [
    "blurred",
    "score_by_hand",
    "root",
    "moments",
    "frechet_by_hand",
    "with_moments_of",
    "cubic_kernel",
    "kernel_distance_by_hand",
    "reach",
    "precision_recall_by_hand",
    "density_coverage_by_hand",
    "train_classifier_by_hand",
    "arc",
    "path_length_by_hand",
    "wilson_by_hand",
]


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, NAMES)


@pytest.fixture
def features():
    """Real and generated features, skewed and correlated, of different number."""
    generator = torch.Generator().manual_seed(0)
    mix = torch.randn(12, 12, generator=generator, dtype=torch.float64)
    real = torch.randn(90, 12, generator=generator, dtype=torch.float64).relu() @ mix
    fake = (0.3 + torch.randn(70, 12, generator=generator, dtype=torch.float64)).relu() @ mix
    return real, fake


def test_inception_score(chapter, features):
    logits = 3 * features[1]
    expected = inception_score(logits, splits=1).mean
    assert chapter.score_by_hand(logits) == pytest.approx(expected, rel=1e-12)
    assert expected > 1.5


def test_frechet_distance(chapter, features):
    expected = frechet_from_features(*features)
    assert chapter.frechet_by_hand(*features) == pytest.approx(expected, rel=1e-9)
    few = features[0][:5], features[1][:7]  # fewer samples than features
    assert chapter.frechet_by_hand(*few) == pytest.approx(frechet_from_features(*few), rel=1e-6)


def test_root_and_moments(chapter, features):
    mean, covariance = chapter.moments(features[0])
    torch.testing.assert_close(mean, features[0].mean(dim=0))
    torch.testing.assert_close(covariance, features[0].T.cov())
    square = chapter.root(covariance)
    torch.testing.assert_close(square @ square, covariance)


def test_stand_in_shares_two_moments_and_no_more(chapter, features):
    real, fake = features
    normal = torch.randn(90, 12, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    stand_in = chapter.with_moments_of(normal, real)
    for mine, wanted in zip(chapter.moments(stand_in), chapter.moments(real)):
        torch.testing.assert_close(mine, wanted)
    assert frechet_from_features(real, stand_in) < 1e-6 < squared_mmd(real, fake)
    assert not torch.allclose(stand_in, real)


def test_stand_in_of_features_of_which_one_is_silent(chapter, features):
    real = torch.cat([features[0], torch.zeros(90, 1, dtype=torch.float64)], dim=1)
    normal = torch.randn(90, 13, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    stand_in = chapter.with_moments_of(normal, real)
    assert stand_in[:, -1].abs().max() < 1e-9
    assert frechet_from_features(real, stand_in) < 1e-6


def test_kernel_distance(chapter, features):
    real, fake = features
    torch.testing.assert_close(chapter.cubic_kernel(real, fake), polynomial_kernel(real, fake))
    expected = squared_mmd(real, fake)
    assert chapter.kernel_distance_by_hand(real, fake) == pytest.approx(expected, rel=1e-10)
    assert chapter.kernel_distance_by_hand(real, fake, unbiased=False) > expected


@pytest.mark.parametrize("k", [1, 3, 7])
def test_precision_recall(chapter, features, k):
    report = precision_recall(*features, k=k)
    by_hand = chapter.precision_recall_by_hand(*features, k=k)
    assert by_hand == pytest.approx((report.precision, report.recall), abs=1e-12)
    assert 0 < report.precision < 1 and 0 < report.recall < 1


@pytest.mark.parametrize("k", [1, 5])
def test_density_coverage(chapter, features, k):
    report = density_coverage(*features, k=k)
    by_hand = chapter.density_coverage_by_hand(*features, k=k)
    assert by_hand == pytest.approx((report.density, report.coverage), abs=1e-12)


def test_training_of_the_classifier(chapter):
    images, labels = torch.rand(80, 1, 32, 32) * 2 - 1, torch.arange(80) % 10
    networks = []
    for train in (
        lambda network: chapter.train_classifier_by_hand(network, images, labels, 3),
        lambda network: train_classifier(images, labels, 10, 3, network=network),
    ):
        torch.manual_seed(0)
        networks.append(train(DigitClassifier()))
    first, second = (network.state_dict() for network in networks)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not networks[0].training


def test_path_length(chapter):
    weights = torch.randn(8, 5, generator=torch.Generator().manual_seed(2))
    generate, extract = (lambda z: (z @ weights).tanh()), (lambda images: 2 * images)
    start, end = torch.randn(2, 6, 8, generator=torch.Generator().manual_seed(3))
    times = torch.linspace(0, 0.9, 6)[:, None]
    torch.testing.assert_close(chapter.arc(start, end, times), arc(start, end, times))
    twins = [torch.Generator().manual_seed(4) for _ in range(2)]
    by_hand = chapter.path_length_by_hand(generate, 8, extract, 40, 0.01, twins[0])
    packaged = perceptual_path_length(generate, 8, extract, n=40, epsilon=0.01, generator=twins[1])
    assert by_hand == pytest.approx(packaged.mean, rel=1e-4)


@pytest.mark.parametrize(("k", "n"), [(0, 20), (7, 20), (70, 200), (200, 200)])
def test_wilson_interval(chapter, k, n):
    by_hand, packaged = chapter.wilson_by_hand(k, n), wilson_interval(k, n)
    assert by_hand == pytest.approx(packaged, abs=1e-6)
    z, share = 1.959964, k / n
    for p in by_hand:  # each end solves |share - p| = z sqrt(p (1 - p) / n)
        assert abs(share - p) == pytest.approx(z * math.sqrt(max(0, p * (1 - p)) / n), abs=1e-6)


def test_blur_keeps_a_flat_picture_and_the_total(chapter):
    torch.testing.assert_close(
        chapter.blurred(torch.full((1, 1, 9, 9), 0.5))[..., 2:-2, 2:-2],
        torch.full((1, 1, 5, 5), 0.5),
    )
    spot = torch.full((1, 1, 9, 9), -1.0)
    spot[..., 4, 4] = 1.0
    after = chapter.blurred(spot)
    assert (after + 1).sum().item() == pytest.approx(2.0, rel=1e-5)
    assert after.max() < 0.5
