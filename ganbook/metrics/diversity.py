"""Diversity: how far apart samples lie, over all and within a class."""

import torch
from torch import Tensor


def mean_pairwise_distance(features: Tensor) -> float:
    r"""Return the mean Euclidean distance of two different samples, :math:`N(N-1)/2` pairs.

    It is 0 if all samples are equal, which is what a generator that ignores its latent gives.
    Compare with that of real samples in the same features; the estimate is unbiased in N.

    Args:
        features: ``(N, D)``, N at least 2.

    Raises:
        ValueError: another shape, or fewer than two samples.
    """
    if features.ndim != 2 or len(features) < 2:
        raise ValueError(
            f"features must have shape (N, D), N at least 2, got {tuple(features.shape)}."
        )
    return torch.pdist(features.double()).mean().item()


def within_class_diversity(features: Tensor, labels: Tensor) -> dict[int, float]:
    """Return :func:`mean_pairwise_distance` among the samples of each class, by label.

    Args:
        features: ``(N, D)``.
        labels: ``(N,)`` int64.

    Raises:
        ValueError: not one label a sample, or a class with a single one.
    """
    if labels.ndim != 1 or len(labels) != len(features):
        raise ValueError(
            f"labels must have shape ({len(features)},), one a sample, got {tuple(labels.shape)}."
        )
    found = {}
    for label, count in zip(*(part.tolist() for part in labels.unique(return_counts=True))):
        if count < 2:
            raise ValueError(f"Class {label} has a single sample; diversity needs two.")
        found[label] = mean_pairwise_distance(features[labels == label])
    return found
