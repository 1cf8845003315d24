"""Grids of images."""

import math

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor


def image_grid(images: Tensor, columns: int = 8, gap: int = 1) -> Tensor:
    """Return one picture ``(H, W, 3)`` float in [0, 1] of images ``(N, C, H, W)`` in [-1, 1].

    Raises:
        ValueError: the images are not ``(N, C, H, W)`` with one or three channels.
    """
    if images.ndim != 4 or images.shape[1] not in (1, 3) or len(images) == 0:
        raise ValueError(
            f"images must have shape (N, 1 or 3, H, W), N at least 1, got {tuple(images.shape)}."
        )
    images = ((images.detach().float().cpu() + 1) / 2).clamp(0, 1)
    n, _, height, width = images.shape
    rows, columns = math.ceil(n / columns), min(columns, n)
    picture = torch.ones(rows * (height + gap) - gap, columns * (width + gap) - gap, 3)
    for index, image in enumerate(images):
        top = index // columns * (height + gap)
        left = index % columns * (width + gap)
        picture[top : top + height, left : left + width] = image.permute(1, 2, 0)
    return picture


def show_grid(
    images: Tensor, columns: int = 8, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw images ``(N, C, H, W)`` in [-1, 1] as a grid and return the axes.

    Without ``ax`` a new figure is made, wide enough for the grid.
    """
    picture = image_grid(images, columns)
    if ax is None:
        width = 6.4
        height = width * picture.shape[0] / picture.shape[1] + (0.3 if title else 0)
        _, ax = plt.subplots(figsize=(width, height))
    ax.imshow(picture.numpy())
    ax.set_axis_off()
    if title:
        ax.set_title(title)
    return ax
