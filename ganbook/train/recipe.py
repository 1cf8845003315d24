"""What the command needs to know of a GAN: how it is built, trained, fed, shown and measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from ganbook.models.patchgan import receptive_field

Indices = Sequence[int]
Share = tuple[int, int]  # this process, and how many train together

ROWS = 8  # of a sheet that shows images beside their inputs


@dataclass(frozen=True)
class Recipe:
    """One GAN on one folder; the functions in the other files of this package return it.

    Args:
        config: of the GAN.
        build: ``build(config, device)`` gives the state.
        step: ``step(state, batch)`` trains it.
        batches: an endless stream with ``state_dict``.
        files: all image files, to be checked before the run.
        show: from the state to images ``(N, C, H, W)``: the sample sheet.
        columns: images in a row of it.
        real: from places in the data to real images, and
        fake: from the state and the same places to generated ones: what is measured.
        measurable: how many such places there are.
    """

    config: Any
    build: Callable[..., Any]
    step: Callable[[Any, Any], dict[str, Tensor]]
    batches: Any
    files: list[Path]
    show: Callable[[Any], Tensor]
    columns: int
    real: Callable[[Indices], Tensor]
    fake: Callable[[Any, Indices], Tensor]
    measurable: int


def stacked(dataset: Dataset, indices: Indices, part: int = 0) -> Tensor:
    """Return the ``part``-th tensors of some items, ``(N, C, H, W)``."""
    return torch.stack([dataset[int(index)][part] for index in indices])


def spread(dataset: Dataset) -> list[int]:
    """Return the places of the items that a sheet shows, from the first to the last."""
    return torch.linspace(0, len(dataset) - 1, min(ROWS, len(dataset))).long().tolist()


def in_rows(*columns: Tensor) -> Tensor:
    """Return ``(N, C, H, W)`` images of K columns as ``(N K, C, H, W)``, row after row."""
    return torch.stack(columns, dim=1).flatten(0, 1)


def halvings(size: int) -> int:
    """Return how often the U-Net can halve the side, at most 8 times as in the paper."""
    return max([downs for downs in range(2, 9) if size % 2**downs == 0], default=2)


def patch_layers(size: int) -> int:
    """Return the layers of the largest PatchGAN that fits, at most 3 as in the papers."""
    return max([layers for layers in (1, 2, 3) if receptive_field(layers) <= size], default=1)


def latents_at(places: Indices, dim: int, seed: int) -> Tensor:
    """Return ``(N, dim)`` standard normal latents: each place has its own, whatever the others."""
    return torch.stack([torch.randn(dim, generator=own) for own in generators_at(places, seed)])


def generators_at(places: Indices, seed: int) -> list[torch.Generator]:
    """Return a random generator for each place, which starts alike every time."""
    return [torch.Generator().manual_seed(seed + 1_000_003 * (int(p) + 1)) for p in places]


def check_enough(dataset: Dataset, batch_size: int, name: str) -> None:
    """Raise a ValueError unless the data fill a batch."""
    if len(dataset) < batch_size:
        raise ValueError(
            f"{name} has {len(dataset)} images, fewer than one batch of {batch_size}; add images "
            "or give a smaller --batch-size."
        )
