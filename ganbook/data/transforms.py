"""Between files and networks: uint8 images at the edges, float32 in [-1, 1] inside."""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate


def to_model_range(images: Tensor) -> Tensor:
    """Map uint8 values 0..255 to float32 values in [-1, 1].

    The range is that of the generator's tanh output: real and generated images must share it.

    Raises:
        TypeError: the tensor is not uint8.
    """
    if images.dtype != torch.uint8:
        raise TypeError(f"to_model_range takes uint8 images (0..255), got {images.dtype}.")
    return images.float() / 127.5 - 1


def to_uint8(images: Tensor) -> Tensor:
    """Map values in [-1, 1] to uint8 0..255, rounding to the nearest; values outside are clipped.

    Raises:
        TypeError: the tensor is not of a floating type.
    """
    if not images.is_floating_point():
        raise TypeError(f"to_uint8 takes floating-point images in [-1, 1], got {images.dtype}.")
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def image_transform(size: int, grayscale: bool = False) -> Callable[[Image.Image], Tensor]:
    """Return a transform from a PIL image to ``(C, size, size)`` float32 in [-1, 1].

    The shorter side is resized to ``size``, the centre is cut out, and colour images become RGB.
    The same to the bit as torchvision's ``Resize(size, antialias=True)`` and ``CenterCrop``, whose
    import takes longer than many a chapter's data.
    """
    return partial(_resize_and_crop, size=size, grayscale=grayscale)


def _resize_and_crop(picture: Image.Image, size: int, grayscale: bool) -> Tensor:
    pixels = torch.from_numpy(np.array(picture.convert("L" if grayscale else "RGB")))
    pixels = pixels.view(*pixels.shape[:2], -1).permute(2, 0, 1)
    height, width = pixels.shape[1:]
    shorter = min(height, width)
    height, width = (side * size // shorter for side in (height, width))
    if shorter != size:
        sides = (height, width)
        pixels = interpolate(pixels[None], sides, mode="bilinear", antialias=True)[0]
    top, left = (round((side - size) / 2) for side in (height, width))
    return to_model_range(pixels[:, top : top + size, left : left + size])


def check_images(images: Tensor, name: str, channels: int | None = None) -> None:
    """Raise unless ``images`` is a float ``(N, C, H, W)`` batch in [-1, 1] without NaN.

    Raises:
        TypeError: not a floating type.
        ValueError: wrong shape or channels, values out of range, NaN or infinity.
    """
    if not images.is_floating_point():
        raise TypeError(f"{name} must be float images in [-1, 1], got {images.dtype}.")
    if images.ndim != 4:
        raise ValueError(f"{name} must have shape (N, C, H, W), got {tuple(images.shape)}.")
    if channels is not None and images.shape[1] != channels:
        raise ValueError(f"{name} must have {channels} channels, got {images.shape[1]}.")
    if not torch.isfinite(images).all():
        raise ValueError(f"{name} has NaN or infinite values.")
    low, high = images.min().item(), images.max().item()
    if low < -1.001 or high > 1.001:
        raise ValueError(f"{name} must lie in [-1, 1], got values from {low:.4g} to {high:.4g}.")
