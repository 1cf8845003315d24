"""Are lesions that are there found, and are lesions seen that are not? By a plain threshold.

A detector so plain that it has nothing to learn and nothing to hide: a place is *bright* if its
value lies above a threshold. It knows where to look and what was put there, which no doctor does;
so its results are bounds for pictures with a known truth, not for patients.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d

SPOT = 2  # an invented spot has at least 2 x 2 bright pixels
AROUND = 2  # pixels around a lesion where brightness is no invention


@dataclass(frozen=True)
class LesionReport:
    """What a detector says of pictures whose truth is known; NaN where there is nothing to count.

    Attributes:
        found: share of the lesions that are bright in at least half of their core.
        contrast: how much brighter the cores are than ``where`` around them, on average.
        invented: share of the pictures *without* lesions that show a bright spot in ``where``.
        false_spots: share of *all* pictures that show one in ``where``, away from true lesions.
    """

    found: float
    contrast: float
    invented: float
    false_spots: float


def lesion_report(images: Tensor, lesions: Tensor, where: Tensor, threshold: float) -> LesionReport:
    """Return which lesions a threshold finds, and in which pictures it sees one that is not there.

    Args:
        images: ``(N, 1, H, W)``, lesions brighter than what is around them.
        lesions: ``(N, K, H, W)`` in [0, 1], a map for each; all 0 for one that a picture lacks.
        where: bool ``(N, 1, H, W)``, the places to search: healthy tissue that should be dark.
        threshold: brightness above which a pixel is called lesion.

    Raises:
        ValueError: shapes that do not fit, or ``where`` of another type.
    """
    n, _, height, width = images.shape if images.ndim == 4 else (0, 0, 0, 0)
    if n == 0 or images.shape[1] != 1:
        raise ValueError(f"images must have shape (N, 1, H, W), got {tuple(images.shape)}.")
    if lesions.ndim != 4 or lesions.shape[0] != n or lesions.shape[2:] != images.shape[2:]:
        raise ValueError(
            f"lesions must have shape ({n}, K, {height}, {width}), got {tuple(lesions.shape)}."
        )
    if where.shape != images.shape or where.dtype != torch.bool:
        raise ValueError(
            f"where must be bool of shape {tuple(images.shape)}, "
            f"got {where.dtype} {tuple(where.shape)}."
        )
    bright = (images > threshold).float()
    cores = (lesions > 0.5).float()  # (N, K, H, W)
    sizes = cores.sum(dim=(2, 3))
    there = sizes > 0
    near = max_pool2d(lesions.amax(dim=1, keepdim=True), 2 * AROUND + 1, 1, AROUND) > 0.01
    quiet = (where & ~near).float()

    shares = (cores * bright).sum(dim=(2, 3)) / sizes.clamp(min=1)
    inside = (cores * images).sum(dim=(2, 3)) / sizes.clamp(min=1)
    outside = (quiet * images).sum(dim=(2, 3)) / quiet.sum(dim=(2, 3)).clamp(min=1)  # (N, 1)
    spots = avg_pool2d(bright * quiet, SPOT, 1).flatten(1).amax(dim=1) == 1  # (N,)
    healthy = ~there.any(dim=1)
    return LesionReport(
        found=(shares[there] >= 0.5).float().mean().item(),
        contrast=(inside - outside)[there].mean().item(),
        invented=spots[healthy].float().mean().item(),
        false_spots=spots.float().mean().item(),
    )
