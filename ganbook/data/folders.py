"""A folder of the reader's own images."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor
from torch.utils.data import Dataset

from ganbook.data.transforms import image_transform

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


class ImagesFromFolder(Dataset):
    """All images below a folder, as a tuple of one tensor ``(3, size, size)`` in [-1, 1].

    Labels are not needed to train a GAN, so unlike torchvision's ``ImageFolder`` this wants no
    folder per class. Photos are turned upright as the camera noted, transparent parts become white,
    and 16-bit gray values are scaled to 8 bits.

    Args:
        root: the folder; sub-folders are searched too.
        size: side in pixels; the shorter side is resized, the centre is cut out.
        grayscale: one channel instead of three.

    Raises:
        FileNotFoundError: no such folder, or no image in it.
        ValueError: (on access) a file cannot be read as an image; the message names it.
    """

    def __init__(self, root: str | Path, size: int, grayscale: bool = False):
        self.files = image_files(root)
        self.transform = image_transform(size, grayscale)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor]:
        return (self.transform(read_image(self.files[index])),)


def image_files(root: str | Path) -> list[Path]:
    """Return all image files below a folder, sorted.

    Raises:
        FileNotFoundError: no such folder, or no image in it.
    """
    root = Path(root)
    if not root.is_dir():
        raise FileNotFoundError(f"There is no folder {root}.")
    files = sorted(f for f in root.rglob("*") if f.suffix.lower() in SUFFIXES and f.is_file())
    if not files:
        raise FileNotFoundError(f"No image in {root} (looked for {', '.join(SUFFIXES)}).")
    return files


def read_image(path: str | Path) -> Image.Image:
    """Return an image file as a viewer shows it: upright, 8 bits a channel, on a white ground.

    Raises:
        ValueError: the file cannot be read as an image; the message names it.
    """
    try:
        with Image.open(path) as image:
            return _eight_bit_opaque(image)
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise ValueError(f"{path} cannot be read as an image: {error}") from error


def _eight_bit_opaque(image: Image.Image) -> Image.Image:
    """Return what a viewer would show: PIL alone clips 16 bits and ignores transparency."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image, dtype=np.float64) / 257).round().astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image
