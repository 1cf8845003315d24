"""Picture files in and out, at the size and shape they are painted in."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganbook.data.folders import read_image
from ganbook.data.transforms import to_model_range, to_uint8


def read_picture(path: str | Path, size: int | tuple[int, int], gray: bool = False) -> Tensor:
    """Return a picture ``(1, 3, H, W)`` float32 in [-1, 1]; nothing of it is cut off.

    Args:
        path: an image file; it is turned upright, and transparent parts become white.
        size: the longer side in pixels, or height and width.
        gray: one channel instead of three.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not readable as an image, or so narrow that its shorter side vanishes.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    try:
        picture = read_image(path).convert("L" if gray else "RGB")
    except Image.DecompressionBombError as error:
        raise ValueError(f"{path} cannot be read as an image: {error}") from error
    if isinstance(size, int):
        factor = size / max(picture.size)
        size = tuple(round(side * factor) for side in (picture.height, picture.width))
    if min(size) < 1:
        raise ValueError(f"{path} is too narrow: it would become {size[0]} x {size[1]} pixels.")
    pixels = np.array(picture.resize(size[::-1], Image.Resampling.LANCZOS))
    return to_model_range(torch.from_numpy(pixels).view(*size, -1).permute(2, 0, 1)[None])


def write_picture(image: Tensor, path: str | Path) -> None:
    """Write ``(1, 3, H, W)`` in [-1, 1] to a file; its ending says the format.

    A file of that name is replaced only by a whole one.

    Raises:
        ValueError, OSError: as :func:`check_writable`, and when the disk is full.
    """
    path, kind = Path(path), check_writable(path)
    part = path.with_name(f".{path.name}.part")
    try:
        picture = Image.fromarray(to_uint8(image)[0].permute(1, 2, 0).cpu().numpy())
        picture.save(part, kind, **({"quality": 95} if kind == "JPEG" else {}))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def check_writable(path: str | Path) -> str:
    """Return the format that goes with a file's ending, or raise before hours are spent.

    Raises:
        ValueError: the ending is no image format's.
        FileNotFoundError: the folder is missing.
        IsADirectoryError: the path is a folder.
    """
    path = Path(path)
    formats = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".bmp": "BMP"}
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file, such as {path / 'out.png'}.")
    if path.suffix.lower() not in formats:
        raise ValueError(f"{path} must end in one of {', '.join(formats)}.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent} to write {path.name} to.")
    return formats[path.suffix.lower()]
