"""Recipes of the GANs that translate images: pix2pix from pairs, CycleGAN between two sets."""

import argparse
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import Dataset

from ganbook.data.folders import ImagesFromFolder
from ganbook.data.paired import PairedFolders, SideBySideImages
from ganbook.data.stream import BatchStream
from ganbook.data.unpaired import UnpairedStream
from ganbook.gans import cyclegan as cyclegan_gan
from ganbook.gans import pix2pix as pix2pix_gan
from ganbook.models.patchgan import receptive_field
from ganbook.train.recipe import Recipe, Share, check_enough, stacked
from ganbook.train.settings import config_from

ROWS = 8


def pix2pix(options: argparse.Namespace, share: Share) -> Recipe:
    """Isola, Zhu, Zhou & Efros (2017): from pairs side by side, or in two folders.

    A row of the sheet: input, translation, target.

    Raises:
        ValueError: neither a folder of pairs nor two folders, or both.
    """
    size = options.size
    pairs, fixed = (_pairs(options, augment) for augment in (options.augment, False))
    check_enough(pairs, options.batch_size, str(options.data or options.inputs))
    fixed[0]  # files that are no pairs are told now, not in the first step
    decided = {"downs": _halvings(size), "discriminator_layers": _layers(size)}
    config = config_from(options, pix2pix_gan.Config(), size=size, steps=options.steps, **decided)

    def show(state) -> Tensor:
        inputs, targets = (stacked(fixed, _spread(fixed), part) for part in (0, 1))
        return _in_rows(inputs, state.translate(inputs), targets)

    names = pairs.files
    return Recipe(
        config=config,
        build=pix2pix_gan.build,
        step=pix2pix_gan.step,
        batches=BatchStream(pairs, options.batch_size, options.seed, options.workers, share),
        files=names if isinstance(names[0], Path) else [file for pair in names for file in pair],
        show=show,
        columns=3,
        real=lambda indices: stacked(fixed, indices, 1),
        fake=lambda state, indices: state.translate(stacked(fixed, indices)),
        measurable=len(fixed),
    )


def cyclegan(options: argparse.Namespace, share: Share) -> Recipe:
    """Zhu, Park, Isola & Efros (2017): from the folders trainA and trainB, without pairs.

    A row of the sheet: an image of A and its translation, one of B and its translation. Measured
    are translations to B.
    """
    size = options.size
    folders = [options.data / name for name in ("trainA", "trainB")]
    a, b = domains = [ImagesFromFolder(folder, size, options.gray) for folder in folders]
    for folder, domain in zip(folders, domains):
        check_enough(domain, options.batch_size, str(folder))
    config = config_from(
        options,
        cyclegan_gan.Config(),
        channels=1 if options.gray else 3,
        size=size,
        blocks=9 if size >= 256 else 6,
        discriminator_layers=_layers(size),
        steps=options.steps,
        constant_steps=options.steps // 2,
    )

    def show(state) -> Tensor:
        some_a, some_b = (stacked(domain, _spread(domain)) for domain in domains)
        rows = min(len(some_a), len(some_b))
        some_a, some_b = some_a[:rows], some_b[:rows]
        fakes = state.translate(some_a, "b"), state.translate(some_b, "a")
        return _in_rows(some_a, fakes[0], some_b, fakes[1])

    return Recipe(
        config=config,
        build=cyclegan_gan.build,
        step=cyclegan_gan.step,
        batches=UnpairedStream(a, b, options.batch_size, options.seed, options.workers, share),
        files=[*a.files, *b.files],
        show=show,
        columns=4,
        real=lambda indices: stacked(b, indices),
        fake=lambda state, indices: state.translate(stacked(a, indices), "b"),
        measurable=min(len(a), len(b)),
    )


def _pairs(options: argparse.Namespace, augment: bool) -> Dataset:
    given = [option is not None for option in (options.data, options.inputs, options.targets)]
    if given == [True, False, False]:
        return SideBySideImages(options.data, options.size, options.input_on, augment)
    if given == [False, True, True]:
        return PairedFolders(options.inputs, options.targets, options.size, augment)
    raise ValueError(
        "pix2pix needs pairs: give --data for images side by side in one file, or --inputs and "
        "--targets for two folders with equal names."
    )


def _halvings(size: int) -> int:
    """Return how often the U-Net can halve the side, at most 8 times as in the paper."""
    return max([downs for downs in range(2, 9) if size % 2**downs == 0], default=2)


def _layers(size: int) -> int:
    """Return the layers of the largest PatchGAN that fits, at most 3 as in the papers."""
    return max([layers for layers in (1, 2, 3) if receptive_field(layers) <= size], default=1)


def _spread(dataset: Dataset) -> list[int]:
    return torch.linspace(0, len(dataset) - 1, min(ROWS, len(dataset))).long().tolist()


def _in_rows(*columns: Tensor) -> Tensor:
    """Return ``(N, C, H, W)`` images of K columns as ``(N K, C, H, W)``, row after row."""
    return torch.stack(columns, dim=1).flatten(0, 1)
