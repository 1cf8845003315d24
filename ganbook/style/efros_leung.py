r"""Texture grown pixel by pixel: each new pixel asks the sample where its neighbours were seen.

A texture as a Markov random field: a pixel depends on a small window around it and on nothing else.
So :math:`p(\text{pixel} \mid \text{neighbours})` is read off the sample, without any model: find
the windows that look like the neighbours, and take the middle of one of them.

Source: Efros & Leung (1999), Texture synthesis by non-parametric sampling, section 2.
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def efros_leung(
    texture: Tensor,
    size: int | tuple[int, int] = 64,
    window: int = 11,
    tolerance: float = 0.1,
    seed: int = 0,
) -> Tensor:
    r"""Return a texture ``(C, *size)`` whose pixels are drawn one by one from a sample.

    From a seed of 3 x 3 pixels in the middle the texture grows outwards. Of the pixels at its rim
    comes first the one with the most known pixels in its window. Each window of the sample has the
    error

    .. math:: d = \sum_k g_k\,m_k\,\lVert s_k - t_k \rVert^2 \Big/ \sum_k g_k\,m_k

    with m = 1 where the pixel is known and g a Gaussian, so that near ones count most. Of the
    windows with :math:`d \le (1 + \text{tolerance})\,d_{\min}` one is drawn; its middle is the new
    pixel.

    Computed on the CPU. Time grows with the pixels of the sample times those of the result:
    64 x 64 from 64 x 64 take seconds.

    Args:
        texture: the sample, ``(C, H, W)``, any range.
        size: height and width of the result, or the side of a square, at least 3.
        window: side of the neighbourhood, odd: as large as the texture's largest regular feature.
            Too small gives disorder; too large copies the sample.
        tolerance: 0 takes the best match always.
        seed: of the draws.

    Raises:
        ValueError: a texture that is no float ``(C, H, W)`` or smaller than the window, a window
            that is even or below 3, a negative tolerance, or a size below 3.

    Deviations: the paper first passes over pixels whose best match is bad (a limit on the error,
    which rises when nothing is left); here the number of known neighbours alone decides.
    """
    height, width = (size, size) if isinstance(size, int) else size
    _check(texture, height, width, window, tolerance)
    random = torch.Generator().manual_seed(seed)
    half, channels = window // 2, len(texture)
    device, texture = texture.device, texture.cpu()
    values = texture.float() - texture.float().mean()  # small numbers: squares lose fewer digits
    patches = F.unfold(values[None], window)[0].T.contiguous()  # (windows, C w w)
    squares = patches.view(len(patches), channels, -1).square().sum(1)  # (windows, w w)
    columns = texture.shape[2] - window + 1
    near = _gaussian(window)

    result = texture.new_zeros(channels, height, width)
    canvas = F.pad(values.new_zeros(channels, height, width), (half,) * 4)
    known = torch.zeros(canvas.shape[1:])
    counts = torch.zeros(height, width)  # known pixels in each pixel's window
    rim = torch.zeros(height, width, dtype=torch.bool)

    def put(row: int, column: int, y: int, x: int) -> None:
        result[:, row, column] = texture[:, y, x]
        canvas[:, row + half, column + half] = values[:, y, x]
        known[row + half, column + half] = 1
        rows = slice(max(0, row - half), row + half + 1)
        counts[rows, max(0, column - half) : column + half + 1] += 1
        rim[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2] = True

    top, left = (int(torch.randint(side - 2, (), generator=random)) for side in texture.shape[1:])
    for i in range(3):
        for j in range(3):
            put(height // 2 - 1 + i, width // 2 - 1 + j, top + i, left + j)
    for _ in range(height * width - 9):
        waiting = torch.where(
            rim & (known[half : half + height, half : half + width] == 0), counts, -1
        )
        row, column = divmod(int(waiting.argmax()), width)
        mask = near * known[row : row + window, column : column + window].flatten()
        there = canvas[:, row : row + window, column : column + window].reshape(channels, -1)
        weighted = there * mask
        # (s - t)^2 = s^2 - 2 s t + t^2, summed over the window for all windows at once.
        error = squares @ mask - 2 * (patches @ weighted.flatten()) + (weighted * there).sum()
        error = (error / mask.sum()).clamp(min=1e-7)  # below: the rest of 0, in floating point
        close = (error <= (1 + tolerance) * error.min()).nonzero()[:, 0]
        chosen = int(close[torch.randint(len(close), (), generator=random)])
        put(row, column, chosen // columns + half, chosen % columns + half)
    return result.to(device)


def _gaussian(window: int) -> Tensor:
    """Return the weights ``(w w,)`` of a window's pixels; sigma is w / 6.4, the authors' width."""
    line = torch.arange(window) - window // 2
    bell = torch.exp(-0.5 * (line / (window / 6.4)) ** 2)
    return torch.outer(bell, bell).flatten()


def _check(texture: Tensor, height: int, width: int, window: int, tolerance: float) -> None:
    if texture.ndim != 3 or not texture.is_floating_point():
        raise ValueError(
            f"texture must be float (C, H, W), got {texture.dtype} {tuple(texture.shape)}."
        )
    if window < 3 or window % 2 == 0 or min(texture.shape[1:]) < window:
        raise ValueError(
            "window must be odd, at least 3 and at most the texture's side, "
            f"got window {window} and texture {tuple(texture.shape)}."
        )
    if not tolerance >= 0:
        raise ValueError(f"tolerance must not be negative, got {tolerance}.")
    if min(height, width) < 3:
        raise ValueError(f"size must be at least 3, got {(height, width)}.")
