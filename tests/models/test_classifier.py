"""ganbook.models.classifier and the weights that ship with the package."""

import pytest
import torch

from ganbook.data.digits import load_digits
from ganbook.models.classifier import DigitClassifier, load_digit_classifier


@pytest.fixture(scope="module")
def judge():
    return load_digit_classifier()


def test_shapes_and_parameter_count():
    model = DigitClassifier()
    images = torch.rand(5, 1, 32, 32) * 2 - 1
    assert model(images).shape == (5, 10)
    features = model.features(images)
    assert features.shape == (5, 64)
    assert features.min().item() >= 0
    torch.testing.assert_close(model(images), model.classify(features))
    convolutions = (9 * 16 + 16) + (9 * 16 * 32 + 32) + (9 * 32 * 64 + 64)
    linear = (1024 * 64 + 64) + (64 * 10 + 10)
    assert sum(p.numel() for p in model.parameters()) == convolutions + linear == 89_546


def test_accuracy_on_held_out_digits(judge):
    images, labels = load_digits("test").tensors
    accuracy = (judge(images).argmax(1) == labels).float().mean().item()
    assert accuracy == pytest.approx(0.983, abs=0.004)


def test_the_shipped_classifier_is_frozen(judge):
    assert not judge.training
    assert not any(p.requires_grad for p in judge.parameters())
    images = torch.zeros(1, 1, 32, 32, requires_grad=True)  # gradients may pass through it
    judge(images).sum().backward()
    assert torch.isfinite(images.grad).all() and images.grad.any()


def test_features_do_not_depend_on_the_batch(judge):
    images = load_digits("test").tensors[0][:9]
    torch.testing.assert_close(judge.features(images)[4:5], judge.features(images[4:5]))


@pytest.mark.parametrize("shape", [(2, 1, 28, 28), (2, 3, 32, 32), (1, 32, 32)])
def test_other_shapes_are_refused(judge, shape):
    with pytest.raises(ValueError, match=r"shape \(N, 1, 32, 32\), got \(" + str(shape[0])):
        judge(torch.zeros(shape))
