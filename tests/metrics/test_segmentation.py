"""ganbook.metrics.segmentation: against hand values and torchmetrics."""

import dataclasses
import math

import pytest
import torch
from torchmetrics.functional.classification import (
    multiclass_accuracy,
    multiclass_confusion_matrix,
    multiclass_f1_score,
    multiclass_jaccard_index,
)

from ganbook.metrics.segmentation import (
    class_accuracy,
    class_dice,
    class_iou,
    confusion_matrix,
    pixel_accuracy,
    segmentation_report,
)

# One image of ten pixels: class 0 has six, of which one is called 1; class 1 has four, of which
# two are called 0.
TARGET = torch.tensor([[[0, 0, 0, 0, 0], [0, 1, 1, 1, 1]]])
PRED = torch.tensor([[[0, 0, 0, 0, 0], [1, 1, 1, 0, 0]]])


@pytest.fixture
def labels():
    generator = torch.Generator().manual_seed(0)
    target = torch.randint(0, 4, (5, 16, 16), generator=generator)
    noise = torch.randint(0, 4, target.shape, generator=generator)
    kept = torch.rand(target.shape, generator=generator) < 0.7
    return torch.where(kept, target, noise), target


def test_hand_values():
    matrix = confusion_matrix(PRED, TARGET, 2)
    assert matrix.tolist() == [[5, 1], [2, 2]] and matrix.dtype == torch.int64
    assert pixel_accuracy(matrix) == pytest.approx(7 / 10)
    assert class_accuracy(matrix).tolist() == pytest.approx([5 / 6, 2 / 4])
    assert class_iou(matrix).tolist() == pytest.approx([5 / 8, 2 / 5])
    assert class_dice(matrix).tolist() == pytest.approx([10 / 13, 4 / 7])
    report = segmentation_report(PRED, TARGET, 2)
    assert report.pixel_accuracy == pytest.approx(0.7)
    assert report.class_accuracy == pytest.approx((5 / 6 + 2 / 4) / 2)
    assert report.mean_iou == pytest.approx((5 / 8 + 2 / 5) / 2)
    assert report.dice == pytest.approx((10 / 13 + 4 / 7) / 2)
    assert report.iou == pytest.approx((5 / 8, 2 / 5))


def test_all_background_looks_good_only_in_pixel_accuracy():
    target = torch.zeros(1, 10, 10, dtype=torch.int64)
    target[0, 0, :4] = 1
    report = segmentation_report(torch.zeros_like(target), target, 2)
    assert report.pixel_accuracy == pytest.approx(0.96)
    assert report.class_accuracy == pytest.approx(0.5)
    assert report.mean_iou == pytest.approx(0.48)
    assert report.dice == pytest.approx(2 * 96 / 196 / 2)


def test_right_and_wrong_everywhere():
    target = torch.arange(4).repeat(2, 8, 2)
    report = segmentation_report(target, target, 4)
    assert dataclasses.astuple(report) == (1, 1, 1, 1, (1, 1, 1, 1))
    report = segmentation_report((target + 1) % 4, target, 4)
    assert dataclasses.astuple(report) == (0, 0, 0, 0, (0, 0, 0, 0))


def test_equal_to_torchmetrics(labels):
    matrix = confusion_matrix(*labels, 4)
    report = segmentation_report(*labels, 4)
    assert torch.equal(matrix, multiclass_confusion_matrix(*labels, 4))
    peers = {
        "pixel_accuracy": multiclass_accuracy(*labels, 4, average="micro"),
        "class_accuracy": multiclass_accuracy(*labels, 4, average="macro"),
        "mean_iou": multiclass_jaccard_index(*labels, 4, average="macro"),
        "dice": multiclass_f1_score(*labels, 4, average="macro"),
    }
    assert 0.5 < peers["mean_iou"] < peers["dice"] < peers["pixel_accuracy"] + 0.05 < 0.9
    for name, value in peers.items():
        assert getattr(report, name) == pytest.approx(value.item(), abs=1e-6), name
    each = multiclass_jaccard_index(*labels, 4, average="none")
    assert report.iou == pytest.approx(each.tolist(), abs=1e-6)


def test_dice_follows_from_iou(labels):
    matrix = confusion_matrix(*labels, 4)
    iou = class_iou(matrix)
    torch.testing.assert_close(class_dice(matrix), 2 * iou / (1 + iou))


def test_matrices_of_batches_add_up(labels):
    pred, target = labels
    parts = [confusion_matrix(p, t, 4) for p, t in zip(pred.split(2), target.split(2))]
    assert torch.equal(sum(parts), confusion_matrix(pred, target, 4))


def test_a_class_that_is_neither_there_nor_labelled_is_left_out(labels):
    four, six = segmentation_report(*labels, 4), segmentation_report(*labels, 6)
    for name in ("pixel_accuracy", "class_accuracy", "mean_iou", "dice"):
        assert getattr(six, name) == getattr(four, name)
    assert six.iou[:4] == four.iou and all(math.isnan(value) for value in six.iou[4:])
    peer = multiclass_jaccard_index(*labels, 6, average="macro")
    assert six.mean_iou == pytest.approx(peer.item(), abs=1e-6)


def test_a_class_that_is_only_labelled_counts_as_zero():
    pred = torch.tensor([[[0, 0, 1, 2]]])
    target = torch.tensor([[[0, 0, 1, 1]]])
    report = segmentation_report(pred, target, 3)
    assert report.iou == pytest.approx((1, 0.5, 0))
    assert report.mean_iou == pytest.approx(0.5)
    assert report.dice == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert report.class_accuracy == pytest.approx((1 + 0.5) / 2)  # class 2 has no pixel to find
    peer = multiclass_jaccard_index(pred, target, 3, average="macro")
    assert report.mean_iou == pytest.approx(peer.item(), abs=1e-6)


def test_any_integer_type(labels):
    pred, target = labels
    expected = confusion_matrix(pred, target, 4)
    assert torch.equal(confusion_matrix(pred.to(torch.uint8), target.int(), 4), expected)
    many = torch.tensor([[199]], dtype=torch.uint8)  # 199 * 200 does not fit into uint8
    assert confusion_matrix(many, many, 200)[199, 199] == 1


def test_bad_labels():
    zeros = torch.zeros(1, 2, 2, dtype=torch.int64)
    with pytest.raises(ValueError, match=r"differ in shape: \(1, 2, 2\), \(1, 4\)"):
        confusion_matrix(zeros, zeros.view(1, 4), 2)
    with pytest.raises(ValueError, match="are empty"):
        confusion_matrix(zeros[:0], zeros[:0], 2)
    with pytest.raises(ValueError, match=r"target must lie in 0\.\.1, got 0 to 2"):
        confusion_matrix(zeros, torch.tensor([[[0, 1], [2, 0]]]), 2)
    with pytest.raises(ValueError, match=r"pred must lie in 0\.\.1, got -1 to -1"):
        confusion_matrix(zeros - 1, zeros, 2)
    with pytest.raises(TypeError, match=r"pred must be integer labels, got .*float32"):
        confusion_matrix(zeros.float(), zeros, 2)
    with pytest.raises(TypeError, match=r"target must be integer labels, got .*bool"):
        segmentation_report(zeros, zeros.bool(), 2)
