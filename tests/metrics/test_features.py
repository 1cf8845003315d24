"""ganbook.metrics.features."""

import pytest
import torch

from ganbook.data.digits import load_digits
from ganbook.metrics.features import digit_features, extract_features
from ganbook.models.classifier import DigitClassifier, load_digit_classifier


def test_features_are_the_shipped_classifiers():
    images = load_digits("test").tensors[0][:5]
    features = digit_features()(images)
    assert features.shape == (5, 64)
    torch.testing.assert_close(features, load_digit_classifier().features(images))


def test_another_classifier_may_judge():
    torch.manual_seed(0)
    classifier = DigitClassifier()
    images = torch.zeros(2, 1, 32, 32)
    found = digit_features(classifier)(images)
    torch.testing.assert_close(found, classifier.features(images))


@pytest.mark.parametrize("batch_size", [1, 3, 7, 100])
def test_the_batch_size_does_not_matter(batch_size):
    images = load_digits("test").tensors[0][:7]
    found = extract_features(images, digit_features(DigitClassifier()), batch_size)
    assert found.shape == (7, 64) and not found.requires_grad
    expected = [7.0 * i for i in range(7)]
    mean = extract_features(
        torch.arange(7.0).view(7, 1, 1, 1).expand(7, 1, 2, 2),
        lambda x: 7 * x[:, 0, 0, :1],
        batch_size,
    )
    assert mean.flatten().tolist() == expected


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (torch.zeros(2, 3, 32, 32), ValueError, "images must have 1 channels, got 3"),
        (torch.zeros(2, 1, 28, 28), ValueError, r"\(N, 1, 32, 32\), got \(2, 1, 28, 28\)"),
        (torch.full((2, 1, 32, 32), 255.0), ValueError, "values from 255 to 255"),
        (torch.zeros(2, 1, 32, 32, dtype=torch.uint8), TypeError, "must be float.*uint8"),
    ],
)
def test_bad_images_are_refused(images, error, message):
    with pytest.raises(error, match=message):
        digit_features()(images)
