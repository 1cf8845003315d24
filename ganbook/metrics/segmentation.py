r"""How well labels are found, pixel by pixel, all from one confusion matrix.

With :math:`n_{ij}` the number of pixels of class i labelled j, :math:`t_i = \sum_j n_{ij}` pixels
of class i, and :math:`p_i = \sum_j n_{ji}` pixels labelled i:

- pixel accuracy: :math:`\sum_i n_{ii} / \sum_i t_i`
- accuracy of a class: :math:`n_{ii} / t_i`
- intersection over union: :math:`n_{ii} / (t_i + p_i - n_{ii})`
- Dice: :math:`2 n_{ii} / (t_i + p_i)`

Source: Long, Shelhamer & Darrell (2015), Fully convolutional networks for semantic segmentation,
section 5; Dice (1945), Measures of the amount of ecologic association between species.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class SegmentationReport:
    """Shares in [0, 1], 1 is best; the last three are means over classes (``iou`` has each)."""

    pixel_accuracy: float
    class_accuracy: float
    mean_iou: float
    dice: float
    iou: tuple[float, ...]


def segmentation_report(pred: Tensor, target: Tensor, classes: int) -> SegmentationReport:
    """Return all measures of labels ``(N, H, W)`` against their targets.

    All pixels of all images are counted together, so the result is not the mean of the results of
    single images. A class without a pixel in ``target`` has no accuracy and is left out of
    ``class_accuracy``. A class in neither ``pred`` nor ``target`` has no IoU and no Dice either and
    is left out of their means (NaN in ``iou``); one that is only in ``pred`` counts there as 0.

    Args:
        pred: integers 0 to ``classes - 1``.
        target: of the same shape.
        classes: how many there are.

    Raises:
        TypeError, ValueError: as :func:`confusion_matrix`.
    """
    matrix = confusion_matrix(pred, target, classes)
    iou = class_iou(matrix)
    return SegmentationReport(
        pixel_accuracy=pixel_accuracy(matrix),
        class_accuracy=class_accuracy(matrix).nanmean().item(),
        mean_iou=iou.nanmean().item(),
        dice=class_dice(matrix).nanmean().item(),
        iou=tuple(iou.tolist()),
    )


def confusion_matrix(pred: Tensor, target: Tensor, classes: int) -> Tensor:
    """Return counts ``(classes, classes)`` int64: rows the true class, columns the labelled one.

    The matrices of two batches add up to the matrix of both.

    Args:
        pred: integers 0 to ``classes - 1``, any shape.
        target: of the same shape.
        classes: how many there are.

    Raises:
        TypeError: labels that are not integers.
        ValueError: shapes differ, no pixels, or a label out of range.
    """
    if pred.shape != target.shape:
        raise ValueError(
            f"pred and target differ in shape: {tuple(pred.shape)}, {tuple(target.shape)}."
        )
    if pred.numel() == 0:
        raise ValueError("pred and target are empty.")
    for name, labels in (("pred", pred), ("target", target)):
        if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
            raise TypeError(f"{name} must be integer labels, got {labels.dtype}.")
        low, high = labels.min().item(), labels.max().item()
        if low < 0 or high >= classes:
            raise ValueError(f"{name} must lie in 0..{classes - 1}, got {low} to {high}.")
    index = target.long().flatten() * classes + pred.long().flatten()
    return index.bincount(minlength=classes**2).view(classes, classes)


def pixel_accuracy(matrix: Tensor) -> float:
    """Return the share of pixels that are labelled right."""
    return (matrix.diagonal().sum().double() / matrix.sum()).item()


def class_accuracy(matrix: Tensor) -> Tensor:
    """Return the share of each class's pixels that are labelled right; NaN if it has none."""
    return matrix.diagonal().double() / matrix.sum(dim=1)


def class_iou(matrix: Tensor) -> Tensor:
    """Return each class's intersection over union; NaN if neither labelled nor there."""
    right = matrix.diagonal().double()
    return right / (matrix.sum(dim=0) + matrix.sum(dim=1) - right)


def class_dice(matrix: Tensor) -> Tensor:
    """Return each class's Dice coefficient (its F1 score); NaN if neither labelled nor there."""
    return 2 * matrix.diagonal().double() / (matrix.sum(dim=0) + matrix.sum(dim=1))
