"""The field's own data sets through torchvision, for the gpu profile."""

import zlib
from pathlib import Path

from torch.utils.data import Dataset
from torchvision import datasets

from ganbook.data.transforms import image_transform

GRAYSCALE = {"MNIST": datasets.MNIST, "FashionMNIST": datasets.FashionMNIST}
BY_TRAIN_FLAG = {**GRAYSCALE, "CIFAR10": datasets.CIFAR10}
BY_SPLIT = {"CelebA": datasets.CelebA, "Flowers102": datasets.Flowers102}
NAMES = (*BY_TRAIN_FLAG, *BY_SPLIT)
# What to delete so that torchvision gets it again; of the last two, the archive is kept.
FOLDERS = {
    "CIFAR10": "cifar-10-batches-py",
    "CelebA": "celeba/img_align_celeba",
    "Flowers102": "flowers-102/jpg",
}
# What torchvision raises for files that are missing, half unpacked or damaged.
BROKEN = (OSError, RuntimeError, ValueError, EOFError, AssertionError, KeyError, zlib.error)


def load_torchvision(
    name: str, root: str | Path, size: int, split: str = "train", download: bool = True
) -> Dataset:
    """Return a data set of ``(image, label)``: image ``(C, size, size)`` in [-1, 1].

    Args:
        name: MNIST, FashionMNIST (one channel), CIFAR10, CelebA or Flowers102 (three channels).
        root: folder for the download.
        size: side in pixels.
        split: ``train`` or ``test``.
        download: fetch the files if they are missing.

    Raises:
        ValueError: unknown name or split.
        RuntimeError: the download failed, or what is there is damaged; the message names the
            folder to delete in that case, and the offline data.
    """
    if name not in NAMES:
        raise ValueError(f"data set is {name!r}; accepted are {', '.join(NAMES)}.")
    if split not in ("train", "test"):
        raise ValueError(f"split is {split!r}; accepted are train, test.")
    options = {
        "root": str(root),
        "download": download,
        "transform": image_transform(size, grayscale=name in GRAYSCALE),
    }
    try:
        if name in BY_TRAIN_FLAG:
            return BY_TRAIN_FLAG[name](train=split == "train", **options)
        data = BY_SPLIT[name](split=split, **options)
        _refuse_half_unpacked(data, Path(root) / FOLDERS[name])
        return data
    except BROKEN as error:
        offline = "ganbook.data.digits" if name in GRAYSCALE else "ganbook.data.emoji"
        folder = Path(root) / FOLDERS.get(name, name)
        there = any(file.is_file() for file in folder.rglob("*"))
        again = f"To fetch it again, delete {folder}. " if there else ""
        reason = " ".join(str(error).split()) or type(error).__name__
        raise RuntimeError(
            f"{name} could not be loaded from {root} ({reason}). {again}{offline} needs no network."
        ) from error


def _refuse_half_unpacked(data: Dataset, folder: Path) -> None:
    """torchvision is content if the folder is there; a killed kernel leaves it half full."""
    files = data.filename if isinstance(data, datasets.CelebA) else data._image_files
    missing = {Path(file).name for file in files} - {file.name for file in folder.iterdir()}
    if missing:
        raise FileNotFoundError(f"{len(missing)} of {len(files)} images are missing")
