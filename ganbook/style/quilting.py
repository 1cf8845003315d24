"""Image quilting: a large texture from pieces of a small one, cut where the cut is seen least.

Source: Efros & Freeman (2001), Image quilting for texture synthesis and transfer, section 2.
"""

import torch
from torch import Tensor

METHODS = ("cut", "overlap", "random")


def quilt(
    texture: Tensor,
    size: int | tuple[int, int] = 256,
    block: int = 36,
    overlap: int | None = None,
    tolerance: float = 0.1,
    method: str = "cut",
    seed: int = 0,
) -> Tensor:
    """Return a texture ``(C, *size)`` made of square blocks of another, in the same range.

    Blocks are laid row by row, each over the edges of those before. Of all blocks of the texture
    those are candidates whose overlap differs least from what is there; one is drawn of those whose
    squared error is at most ``1 + tolerance`` times the least. Then the overlap is cut along the
    path where the two differ least.

    Computed on the CPU.

    Args:
        texture: ``(C, H, W)``, any range.
        size: height and width, or the side of a square.
        block: side of a block: as large as the texture's largest feature.
        overlap: its edge that overlaps; a sixth of the block by default.
        tolerance: 0 takes the best block always, which may repeat one piece for ever.
        method: ``cut``; or, for comparison, ``overlap`` (well-chosen blocks, straight edges) or
            ``random`` (any blocks): the three columns of the paper's figure 2.
        seed: of the draws.

    Raises:
        ValueError: a texture smaller than two blocks' side, an overlap outside 1 to half of the
            block, a negative tolerance, another method, or a size below 1.
    """
    height, width = (size, size) if isinstance(size, int) else size
    overlap = max(1, block // 6) if overlap is None else overlap
    _check(texture, height, width, block, overlap, tolerance, method)
    device, texture = texture.device, texture.cpu()
    random = torch.Generator().manual_seed(seed)
    pitch = block - overlap
    rows, columns = (max(0, -(-(side - block) // pitch)) + 1 for side in (height, width))
    canvas = texture.new_zeros(len(texture), rows * pitch + overlap, columns * pitch + overlap)
    values, sides = texture.double(), tuple(texture.shape[1:])
    transform = torch.fft.rfft2(torch.cat([values, values.square().sum(0, keepdim=True)]))

    for row in range(rows):
        for column in range(columns):
            place = canvas[:, row * pitch :, column * pitch :][:, :block, :block]  # a view
            covered = torch.zeros(block, block, dtype=torch.bool)
            covered[:overlap] = row > 0
            covered[:, :overlap] |= column > 0
            if method == "random" or not covered.any():
                error = torch.zeros(tuple(side - block + 1 for side in sides))
            else:
                error = _overlap_error(transform, place, covered, sides)
            y, x = _draw(error, tolerance, random)
            piece = texture[:, y : y + block, x : x + block]
            keep = torch.zeros_like(covered)  # what stays of the blocks before
            if method == "cut":
                difference = (piece - place).square().sum(0)
                if column > 0:
                    keep[:, :overlap] |= _before_cut(difference[:, :overlap])
                if row > 0:
                    keep[:overlap] |= _before_cut(difference[:overlap].T).T
            place.copy_(torch.where(keep, place, piece))
    return canvas[:, :height, :width].to(device, copy=True)


def minimum_cut(cost: Tensor) -> Tensor:
    r"""Return the column in each row, ``(H,)`` int64, of the cheapest path from top to bottom.

    A path moves by at most one column from row to row. By dynamic programming,

    .. math:: E_{i,j} = e_{i,j} + \min(E_{i-1,j-1}, E_{i-1,j}, E_{i-1,j+1})

    and the path is read off backwards from the least :math:`E` of the last row.

    Args:
        cost: e, ``(H, W)``.

    Raises:
        ValueError: another shape, or an empty one.

    Source: Efros & Freeman (2001), section 2.1.
    """
    if cost.ndim != 2 or cost.numel() == 0:
        raise ValueError(f"cost must have shape (H, W), not empty, got {tuple(cost.shape)}.")
    total = cost.double().clone()
    wall = total.new_full((1,), torch.inf)
    for i in range(1, len(total)):
        above = torch.cat([wall, total[i - 1], wall])
        total[i] += torch.stack([above[:-2], above[1:-1], above[2:]]).amin(0)
    path = [int(total[-1].argmin())]
    for row in reversed(total[:-1]):
        first = max(0, path[-1] - 1)
        path.append(first + int(row[first : path[-1] + 2].argmin()))
    return torch.tensor(path[::-1], device=cost.device)


def _before_cut(difference: Tensor) -> Tensor:
    """Return which pixels ``(H, W)`` lie left of the minimum cut; those on it are not."""
    columns = torch.arange(difference.shape[1], device=difference.device)
    return columns < minimum_cut(difference)[:, None]


def _overlap_error(
    transform: Tensor, place: Tensor, covered: Tensor, side: tuple[int, int]
) -> Tensor:
    """Return each block's sum of squared differences to ``place`` where it is covered.

    (a - b)^2 = a^2 - 2 a b + b^2: sums over all blocks at once, correlations, which the Fourier
    transform makes products. ``transform`` is that of the texture's channels and of its squares.
    """
    mask = covered.double()
    there = place.double() * mask
    energy = there.square().sum()
    kernels = torch.fft.rfft2(torch.cat([-2 * there, mask[None]]), s=side)
    sums = torch.fft.irfft2((transform * kernels.conj()).sum(0), s=side)
    block = len(covered)
    error = sums[: side[0] - block + 1, : side[1] - block + 1] + energy
    return torch.where(error < 1e-9 * energy, 0.0, error)  # the rest of 0, in floating point


def _draw(error: Tensor, tolerance: float, random: torch.Generator) -> tuple[int, int]:
    near = (error <= (1 + tolerance) * error.min()).nonzero()
    y, x = near[torch.randint(len(near), (), generator=random)].tolist()
    return y, x


def _check(
    texture: Tensor,
    height: int,
    width: int,
    block: int,
    overlap: int,
    tolerance: float,
    method: str,
) -> None:
    if texture.ndim != 3 or not texture.is_floating_point():
        raise ValueError(
            f"texture must be float (C, H, W), got {texture.dtype} {tuple(texture.shape)}."
        )
    if block < 2 or min(texture.shape[1:]) < 2 * block:
        raise ValueError(
            "block must be at least 2 and at most half of the texture's side, "
            f"got block {block} and texture {tuple(texture.shape)}."
        )
    if not 1 <= overlap <= block // 2:
        raise ValueError(f"overlap must lie in 1 to {block // 2}, half a block, got {overlap}.")
    if not tolerance >= 0:
        raise ValueError(f"tolerance must not be negative, got {tolerance}.")
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; accepted are {', '.join(METHODS)}.")
    if min(height, width) < 1:
        raise ValueError(f"size must be at least 1, got {(height, width)}.")
