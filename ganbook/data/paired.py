"""Pairs of images from files: two side by side in each file, or two folders with equal names."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from ganbook.data.folders import SUFFIXES, read_image
from ganbook.data.transforms import to_model_range

SIDES = ("left", "right")


class SideBySideImages(Dataset):
    """Pairs stored as one image each, as in pix2pix's facades and maps.

    An item is a tuple of input and target, both ``(3, size, size)`` in [-1, 1]. In the published
    facades the photo is on the left and the labels are on the right, so labels to photo is
    ``input_on="right"``; in maps the aerial photo is on the left, the map on the right.

    Args:
        root: the folder with the files; sub-folders are not searched (``facades/train``).
        size: side in pixels. Halves that are not square are stretched, as the original does.
        input_on: the half that is the network's input, ``left`` or ``right``.
        augment: the paper's random jitter (section 6.2): resize to 286/256 of ``size``, cut out a
            random square of ``size``, mirror every second pair; the same for both images. It is
            drawn from torch's global generator.

    Raises:
        ValueError: another side, ``size`` below 1; (on access) a file that cannot be read, whose
            width is odd, or that is not wider than high, as a single image; the message names it.
        FileNotFoundError: no such folder, or no image in it.
    """

    def __init__(self, root: str | Path, size: int, input_on: str = "left", augment: bool = False):
        if input_on not in SIDES:
            raise ValueError(f"input_on is {input_on!r}; accepted are {', '.join(SIDES)}.")
        _check_size(size)
        self.files = _images_in(Path(root))
        self.size, self.input_on, self.augment = size, input_on, augment

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        path = self.files[index]
        both = read_image(path)
        width, height = both.size
        if width % 2 or width <= height:
            raise ValueError(
                f"{path} is {width} x {height} pixels (width x height); two images side by side "
                "have an even width that is larger than the height."
            )
        left = both.crop((0, 0, width // 2, height))
        right = both.crop((width // 2, 0, width, height))
        pair = (left, right) if self.input_on == "left" else (right, left)
        return _to_tensors(pair, self.size, self.augment)


class PairedFolders(Dataset):
    """Pairs stored in two folders under the same name: ``inputs/7.png`` and ``targets/7.jpg``.

    An item is a tuple of input and target, both ``(3, size, size)`` in [-1, 1]. Names are compared
    without their ending.

    Args:
        inputs: the folder with the network's inputs; sub-folders are not searched.
        targets: the folder with the targets.
        size: side in pixels. Images that are not square are stretched.
        augment: as in :class:`SideBySideImages`.

    Raises:
        FileNotFoundError: no such folder, no image in it, or a file without a partner in the other
            folder; the message names it.
        ValueError: two files of one folder have the same name but for the ending, ``size`` below
            1; (on access) a file cannot be read or the two differ in size; the message names it.
    """

    def __init__(self, inputs: str | Path, targets: str | Path, size: int, augment: bool = False):
        _check_size(size)
        inputs, targets = Path(inputs), Path(targets)
        by_stem = [_by_stem(folder) for folder in (inputs, targets)]
        for here, there, folder in ((*by_stem, targets), (*by_stem[::-1], inputs)):
            missing = [here[stem] for stem in here if stem not in there]
            if missing:
                more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
                raise FileNotFoundError(f"{missing[0]} has no partner in {folder}{more}.")
        self.files = [(path, by_stem[1][stem]) for stem, path in by_stem[0].items()]
        self.size, self.augment = size, augment

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        paths = self.files[index]
        first, second = (read_image(path) for path in paths)
        if first.size != second.size:
            raise ValueError(
                f"{paths[0]} is {first.width} x {first.height} pixels, its partner {paths[1]} "
                f"{second.width} x {second.height}; a pair must agree pixel by pixel."
            )
        return _to_tensors((first, second), self.size, self.augment)


def _check_size(size: int) -> None:
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}.")


def _images_in(root: Path) -> list[Path]:
    if not root.is_dir():
        raise FileNotFoundError(f"There is no folder {root}.")
    files = sorted(f for f in root.iterdir() if f.suffix.lower() in SUFFIXES and f.is_file())
    if not files:
        raise FileNotFoundError(f"No image in {root} (looked for {', '.join(SUFFIXES)}).")
    return files


def _by_stem(root: Path) -> dict[str, Path]:
    by_stem: dict[str, Path] = {}
    for path in _images_in(root):
        if path.stem in by_stem:
            raise ValueError(f"{by_stem[path.stem]} and {path} have one name; which is meant?")
        by_stem[path.stem] = path
    return by_stem


def _to_tensors(
    images: tuple[Image.Image, Image.Image], size: int, augment: bool
) -> tuple[Tensor, Tensor]:
    """Resize both and, if asked, cut the same square out of both and mirror both."""
    side = round(size * 286 / 256) if augment else size
    resized = [i.convert("RGB").resize((side, side), Image.Resampling.BICUBIC) for i in images]
    pair = torch.stack([torch.from_numpy(np.array(i)) for i in resized]).permute(0, 3, 1, 2)
    if augment:
        top, left = torch.randint(side - size + 1, (2,)).tolist()
        pair = pair[..., top : top + size, left : left + size]
        if torch.rand(()) < 0.5:
            pair = pair.flip(-1)
    first, second = to_model_range(pair)
    return first, second
