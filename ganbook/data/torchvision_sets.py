"""The field's own data sets through torchvision, for the gpu profile."""

from pathlib import Path

from torch.utils.data import Dataset
from torchvision import datasets

from ganbook.data.transforms import image_transform

GRAYSCALE = {"MNIST": datasets.MNIST, "FashionMNIST": datasets.FashionMNIST}
BY_TRAIN_FLAG = {**GRAYSCALE, "CIFAR10": datasets.CIFAR10}
BY_SPLIT = {"CelebA": datasets.CelebA, "Flowers102": datasets.Flowers102}
NAMES = (*BY_TRAIN_FLAG, *BY_SPLIT)


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
        RuntimeError: the download failed; the message names the offline data instead.
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
        return BY_SPLIT[name](split=split, **options)
    except (OSError, RuntimeError) as error:
        offline = "ganbook.data.digits" if name in GRAYSCALE else "ganbook.data.emoji"
        raise RuntimeError(
            f"{name} could not be loaded from {root} ({error}). {offline} needs no network."
        ) from error
