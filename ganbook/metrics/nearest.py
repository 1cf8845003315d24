"""Nearest neighbours: does a generator repeat its training images?"""

import torch
from torch import Tensor


def nearest_neighbours(query: Tensor, reference: Tensor, k: int = 1) -> tuple[Tensor, Tensor]:
    """Return for each query its ``k`` nearest references, nearest first.

    Args:
        query: ``(N, ...)``: images, or features of them.
        reference: ``(M, ...)``, items of the same shape.
        k: neighbours each, at most M.

    Returns:
        Distances ``(N, k)``, Euclidean and divided by the square root of the number of values (so
        for images in [-1, 1] they lie in [0, 2]), and indices ``(N, k)`` into ``reference``.

    Raises:
        ValueError: shapes differ, or fewer than ``k`` references.
    """
    if query.shape[1:] != reference.shape[1:]:
        raise ValueError(
            f"query and reference differ in shape: {tuple(query.shape)}, {tuple(reference.shape)}."
        )
    if not 1 <= k <= len(reference):
        raise ValueError(f"k must lie between 1 and {len(reference)} references, got {k}.")
    query, reference = query.flatten(1), reference.flatten(1)
    indices = torch.cdist(query, reference).topk(k, largest=False).indices
    # cdist multiplies matrices, which is fast but leaves about 1e-3 where the distance is 0.
    distances = (query[:, None] - reference[indices]).square().mean(dim=2).sqrt()
    return distances, indices
