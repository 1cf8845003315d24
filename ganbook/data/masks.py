"""Masks for inpainting: which pixels of an image are missing. 1 in the hole, 0 where it is known.

Free-form strokes follow the idea of Yu, Lin, Yang, Shen, Lu & Huang (2019), Free-form image
inpainting with gated convolution, section 3.4: lines with turns, drawn with a thick round brush.
Deviations: a mask has up to three strokes of one width each, their turns are uniform, and
rectangles are drawn instead of strokes, not added to them.
"""

import math

import torch
from torch import Tensor

STROKES, SEGMENTS = 3, 5  # at most in a mask; straight pieces of a stroke


def random_masks(
    n: int, size: int, stroke_share: float = 0.5, generator: torch.Generator | None = None
) -> Tensor:
    """Return ``n`` masks ``(n, 1, size, size)`` float32, in random order rectangle or strokes.

    Args:
        n: how many.
        size: side in pixels.
        stroke_share: probability that a mask is made of strokes.
        generator: draws them; the global one if None.

    Raises:
        ValueError: ``n`` is negative, ``size`` is below 8, or ``stroke_share`` is outside [0, 1].
    """
    if not 0 <= stroke_share <= 1:
        raise ValueError(f"stroke_share must lie in [0, 1], got {stroke_share}.")
    _check(n, size)
    stroked = torch.rand(n, generator=generator) < stroke_share
    masks = torch.empty(n, 1, size, size, dtype=torch.float32)
    masks[stroked] = random_strokes(int(stroked.sum()), size, generator)
    masks[~stroked] = random_rectangles(int((~stroked).sum()), size, generator=generator)
    return masks


def random_rectangles(
    n: int,
    size: int,
    smallest: float = 0.25,
    largest: float = 0.75,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Return ``n`` masks ``(n, 1, size, size)`` float32 with one rectangle each.

    Args:
        n: how many.
        size: side of a mask in pixels.
        smallest: side of a hole, as a share of ``size``; height and width are drawn apart.
        largest: the same, at most.
        generator: draws them; the global one if None.

    Raises:
        ValueError: ``n`` or ``size`` as above, or not ``0 < smallest <= largest <= 1``.
    """
    _check(n, size)
    if not 0 < smallest <= largest <= 1:
        raise ValueError(
            f"smallest and largest must satisfy 0 < smallest <= largest <= 1, got {smallest} "
            f"and {largest}."
        )
    shares = smallest + (largest - smallest) * torch.rand(n, 2, generator=generator)
    sides = (shares * size).round().clamp(min=1)
    corners = (torch.rand(n, 2, generator=generator) * (size - sides + 1)).floor()
    places = torch.arange(size)
    inside = (places >= corners[..., None]) & (
        places < (corners + sides)[..., None]
    )  # (n, 2, size)
    rows, columns = inside.unbind(dim=1)
    return (rows[:, :, None] & columns[:, None, :]).unsqueeze(1).float()


def random_strokes(n: int, size: int, generator: torch.Generator | None = None) -> Tensor:
    """Return ``n`` masks ``(n, 1, size, size)`` float32 with one to three thick strokes each.

    A stroke starts at least an eighth of the side from the border and has five straight pieces; at
    each turn its direction changes by up to 120 degrees. It may leave the image. Its width is
    between 1/12 and 1/4 of the side.

    Raises:
        ValueError: ``n`` is negative or ``size`` is below 8.
    """
    _check(n, size)

    def uniform(low, high, *shape):
        return low + (high - low) * torch.rand(n * STROKES, *shape, generator=generator)

    start = uniform(size / 8, 7 * size / 8, 1, 2)
    turns = uniform(-2 * math.pi / 3, 2 * math.pi / 3, SEGMENTS)
    turns[:, 0] = uniform(0, 2 * math.pi)
    angles = turns.cumsum(dim=1)
    lengths = uniform(size / 16, size / 3, SEGMENTS, 1)
    steps = lengths * torch.stack([angles.sin(), angles.cos()], dim=-1)
    points = torch.cat([start, start + steps.cumsum(dim=1)], dim=1)
    strokes = stroke_masks(points, uniform(size / 12, size / 4), size)
    number = torch.randint(1, STROKES + 1, (n, 1, 1, 1), generator=generator)
    drawn = torch.arange(STROKES).view(1, -1, 1, 1) < number
    return (strokes.view(n, STROKES, size, size) * drawn).amax(dim=1, keepdim=True)


def stroke_masks(points: Tensor, widths: Tensor, size: int) -> Tensor:
    r"""Return one stroke a mask, ``(n, 1, size, size)`` float32: a path drawn with a round brush.

    A pixel belongs to it if its distance to a piece from a to b of the path,

    .. math:: \lVert p - a - t\,(b - a)\rVert, \qquad
              t = \min\bigl(1, \max\bigl(0, (p - a)\cdot(b - a) / \lVert b - a\rVert^2\bigr)\bigr),

    is at most half the width.

    Args:
        points: corners of the paths ``(n, corners, 2)``: row and column, in pixels.
        widths: of the brush, ``(n,)``, in pixels.
        size: side of a mask.

    Raises:
        ValueError: other shapes, or fewer than two corners.
    """
    n = len(points)
    if points.ndim != 3 or points.shape[1] < 2 or points.shape[2] != 2 or widths.shape != (n,):
        raise ValueError(
            "points must be (n, at least 2, 2) and widths (n,), got "
            f"{tuple(points.shape)} and {tuple(widths.shape)}."
        )
    places = torch.arange(size, dtype=points.dtype)
    nearest = torch.full((n, size, size), math.inf)
    for a, b in zip(points.unbind(1)[:-1], points.unbind(1)[1:], strict=True):
        ahead = b - a
        row, column = places[:, None] - a[:, :1, None], places - a[:, 1:, None]
        along = row * ahead[:, :1, None] + column * ahead[:, 1:, None]
        t = (along / ahead.square().sum(dim=1).clamp(min=1e-9)[:, None, None]).clamp(0, 1)
        row, column = row - t * ahead[:, :1, None], column - t * ahead[:, 1:, None]
        nearest = torch.minimum(nearest, row.square() + column.square())
    return (nearest <= (widths / 2).square()[:, None, None]).unsqueeze(1).float()


def square_mask(size: int, side: int) -> Tensor:
    """Return a mask ``(1, 1, size, size)`` float32 with a square of ``side`` in the middle.

    Raises:
        ValueError: ``side`` is not in 1..size.
    """
    if not 1 <= side <= size:
        raise ValueError(f"side must lie in 1..{size}, got {side}.")
    mask, first = torch.zeros(1, 1, size, size), (size - side) // 2
    mask[..., first : first + side, first : first + side] = 1
    return mask


def _check(n: int, size: int) -> None:
    if n < 0 or size < 8:
        raise ValueError(f"n must be at least 0 and size at least 8, got {n} and {size}.")
