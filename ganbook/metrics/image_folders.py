"""From two folders of image files to features, in a stream: no more than a batch is held."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from ganbook.data.folders import image_files, read_image
from ganbook.data.transforms import image_transform, to_model_range

NAMED = 5  # files that a message names; the others it counts


class Unreadable(ValueError):
    """Files that cannot be read as images; ``files`` has their paths."""

    def __init__(self, files: list[Path]):
        self.files = files
        super().__init__(
            f"{_count(files, 'file')} cannot be read as an image: {_names(files)}. "
            "Remove them, or leave them out with --skip-unreadable."
        )


def find_images(folders: Iterable[Path], one_size: bool) -> tuple[list[list[Path]], list[Path]]:
    """Look at the head of each image file; return the files of each folder, and what is broken.

    Args:
        folders: each is searched with its sub-folders.
        one_size: refuse images of different sizes.

    Raises:
        FileNotFoundError: a folder is missing or has no image.
        ValueError: images of different sizes, which the message names.
    """
    found, broken, sizes = [], [], defaultdict(list)
    for folder in folders:
        good = []
        for file in image_files(folder):
            try:
                sizes[_upright_size(file)].append(file)
                good.append(file)
            except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
                broken.append(file)
        found.append(good)
    if one_size and len(sizes) > 1:
        kinds = sorted(sizes.items(), key=lambda item: -len(item[1]))
        text = "; ".join(
            f"{w} x {h} ({_count(files, 'image')}: {_names(files, 2)})"
            for (w, h), files in kinds[:4]
        )
        more = "" if len(kinds) <= 4 else f"; and {len(kinds) - 4} more sizes"
        raise ValueError(
            f"The images differ in size: {text}{more}. Give --size to make them equal."
        )
    return found, broken


@torch.no_grad()
def stream_features(
    files: list[Path],
    extract: Callable[[Tensor], tuple[Tensor, ...]],
    size: int | None = None,
    grayscale: bool = False,
    batch_size: int = 50,
    workers: int = 0,
    skip_unreadable: bool = False,
    title: str = "",
) -> tuple[tuple[Tensor, ...], list[Path]]:
    """Return what ``extract`` gives for the images of files, batch by batch, with a progress bar.

    Args:
        files: image files.
        extract: images ``(N, C, H, W)`` in [-1, 1] to one or more tensors ``(N, ...)``.
        size: the shorter side is resized to it and the centre cut out; None keeps the images.
        grayscale: one channel instead of three.
        batch_size: images at a time.
        workers: processes that read files ahead.
        skip_unreadable: leave them out instead of stopping.
        title: of the progress bar.

    Returns:
        The tensors, joined, on the CPU; and the files left out.

    Raises:
        Unreadable: files that break off or are damaged; all of them are named.
    """
    loader = DataLoader(
        _Images(files, size, grayscale), batch_size, collate_fn=list, num_workers=workers
    )
    parts, broken = [], []
    with tqdm(total=len(files), desc=title, unit="image") as bar:
        for batch in loader:
            good = [image for _, image in batch if image is not None]
            broken += [files[index] for index, image in batch if image is None]
            if good and (skip_unreadable or not broken):  # else read on only to name all of them
                parts.append([part.cpu() for part in extract(torch.stack(good))])
            bar.update(len(batch))
    if broken and not skip_unreadable:
        raise Unreadable(broken)
    return tuple(torch.cat(part) for part in zip(*parts)), broken


class _Images(Dataset):
    """Pairs of an index and an image ``(C, H, W)``, or None where it cannot be read."""

    def __init__(self, files: list[Path], size: int | None, grayscale: bool):
        self.files = files
        keep = partial(_keep_size, grayscale=grayscale)
        self.transform = image_transform(size, grayscale) if size else keep

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[int, Tensor | None]:
        try:
            return index, self.transform(read_image(self.files[index]))
        except ValueError:
            return index, None


def _keep_size(image: Image.Image, grayscale: bool) -> Tensor:
    pixels = np.array(image.convert("L" if grayscale else "RGB"))
    return to_model_range(torch.from_numpy(pixels).view(*pixels.shape[:2], -1).permute(2, 0, 1))


def _upright_size(file: Path) -> tuple[int, int]:
    with Image.open(file) as image:
        # A PNG's own getexif decodes all pixels, in case the note stands behind them.
        sideways = Image.Image.getexif(image).get(0x0112, 1) >= 5  # turned by a quarter
        return image.size[::-1] if sideways else image.size


def _count(files: list[Path], thing: str) -> str:
    return f"{len(files)} {thing}{'' if len(files) == 1 else 's'}"


def _names(files: list[Path], most: int = NAMED) -> str:
    names = ", ".join(str(file) for file in files[:most])
    return names if len(files) <= most else f"{names} and {len(files) - most} more"
