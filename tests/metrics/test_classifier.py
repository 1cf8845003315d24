"""ganbook.metrics.classifier: counts by hand, and real digits."""

import pytest
import torch
from torchmetrics.functional.classification import multiclass_confusion_matrix

from ganbook.data.digits import load_digits
from ganbook.metrics.classifier import classifier_accuracy, confusion_matrix, predict_labels
from ganbook.models.classifier import load_digit_classifier


def brightest_corner(images):
    """A judge of four classes: which corner is brightest."""
    return images[:, 0, [0, 0, -1, -1], [0, -1, 0, -1]]


def corners(labels):
    images = torch.full((len(labels), 1, 8, 8), -1.0)
    for image, label in zip(images, labels):
        image[0, -(label // 2), -(label % 2)] = 1.0
    return images


def test_predictions_and_share_by_hand():
    shown = torch.tensor([0, 1, 2, 3, 3])
    asked = torch.tensor([0, 1, 2, 0, 1])
    assert predict_labels(corners(shown), brightest_corner).tolist() == shown.tolist()
    assert classifier_accuracy(corners(shown), asked, brightest_corner) == pytest.approx(3 / 5)


def test_the_batch_size_does_not_matter():
    asked = torch.arange(40) % 4
    images = corners(torch.arange(40) % 3)
    results = {classifier_accuracy(images, asked, brightest_corner, size) for size in (1, 7, 40)}
    assert len(results) == 1


def test_the_shipped_classifier_reads_held_out_digits():
    images, labels = load_digits("test").tensors
    judge = load_digit_classifier()
    assert 0.97 < classifier_accuracy(images, labels, judge) < 1
    assert classifier_accuracy(images, (labels + 1) % 10, judge) < 0.03


def test_confusion_matrix_by_hand_and_by_torchmetrics():
    asked = torch.tensor([0, 0, 1, 2, 2, 2])
    read = torch.tensor([0, 1, 1, 0, 2, 2])
    matrix = confusion_matrix(asked, read, 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]
    assert torch.equal(matrix, multiclass_confusion_matrix(read, asked, 3))


def test_bad_input():
    images = corners([0, 1])
    with pytest.raises(ValueError, match=r"One label an image.*\(3,\) for 2"):
        classifier_accuracy(images, torch.zeros(3).long(), brightest_corner)
    with pytest.raises(ValueError, match="at least one"):
        classifier_accuracy(images[:0], torch.zeros(0).long(), brightest_corner)
    with pytest.raises(ValueError, match="read has the label 3; accepted are 0 to 2"):
        confusion_matrix(torch.tensor([0, 1]), torch.tensor([0, 3]), 3)
    with pytest.raises(ValueError, match="asked has the label -1; accepted are 0 to 2"):
        confusion_matrix(torch.tensor([-1, 1]), torch.tensor([0, 1]), 3)
