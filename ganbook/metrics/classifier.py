"""Classifier accuracy: does a judge read in an image what was asked for?"""

from collections.abc import Callable

import torch
from torch import Tensor

Classifier = Callable[[Tensor], Tensor]  # images (N, C, H, W) to logits (N, K)


@torch.no_grad()
def predict_labels(images: Tensor, classifier: Classifier, batch_size: int = 250) -> Tensor:
    """Return the class that the classifier finds likeliest for each image, ``(N,)`` int64."""
    return torch.cat([classifier(part).argmax(dim=1) for part in images.split(batch_size)])


def classifier_accuracy(
    images: Tensor, labels: Tensor, classifier: Classifier, batch_size: int = 250
) -> float:
    """Return the share of images in which the classifier reads the label.

    It measures fidelity to the label alone: one perfect image a class scores 1. And the judge errs
    too, so state its accuracy on real images beside it.

    Args:
        images: ``(N, C, H, W)``, as the classifier takes them.
        labels: ``(N,)`` int64, what was asked for.
        classifier: maps images to logits ``(N, K)``; in eval mode.
        batch_size: images at a time.

    Raises:
        ValueError: no images, or not one label an image.
    """
    _check(labels, images)
    return (predict_labels(images, classifier, batch_size) == labels).double().mean().item()


def confusion_matrix(asked: Tensor, read: Tensor, classes: int) -> Tensor:
    """Return counts ``(classes, classes)`` int64: row asked for, column read.

    Raises:
        ValueError: not of equal length, empty, or a label outside 0 .. classes - 1.
    """
    _check(asked, read)
    for name, labels in (("asked", asked), ("read", read)):
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or high >= classes:
            unknown = low if low < 0 else high
            raise ValueError(f"{name} has the label {unknown}; accepted are 0 to {classes - 1}.")
    return (asked * classes + read).bincount(minlength=classes**2).view(classes, classes)


def _check(labels: Tensor, others: Tensor) -> None:
    if labels.ndim != 1 or len(labels) != len(others) or len(labels) == 0:
        raise ValueError(
            f"One label an image is needed, and at least one; got labels of shape "
            f"{tuple(labels.shape)} for {len(others)}."
        )
