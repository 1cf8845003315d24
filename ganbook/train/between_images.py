"""Recipes of the GANs that translate images: pix2pix from pairs, CycleGAN between two sets."""

import argparse
from pathlib import Path

from torch import Tensor
from torch.utils.data import Dataset

from ganbook.data.folders import ImagesFromFolder
from ganbook.data.paired import PairedFolders, SideBySideImages
from ganbook.data.stream import BatchStream
from ganbook.data.unpaired import UnpairedStream
from ganbook.gans import cyclegan as cyclegan_gan
from ganbook.gans import pix2pix as pix2pix_gan
from ganbook.train.recipe import (
    Recipe,
    Share,
    check_enough,
    halvings,
    in_rows,
    patch_layers,
    spread,
    stacked,
)
from ganbook.train.settings import config_from


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
    decided = {"downs": halvings(size), "discriminator_layers": patch_layers(size)}
    config = config_from(options, pix2pix_gan.Config(), size=size, steps=options.steps, **decided)

    def show(state) -> Tensor:
        inputs, targets = (stacked(fixed, spread(fixed), part) for part in (0, 1))
        return in_rows(inputs, state.translate(inputs), targets)

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
        discriminator_layers=patch_layers(size),
        steps=options.steps,
        constant_steps=options.steps // 2,
    )

    def show(state) -> Tensor:
        some_a, some_b = (stacked(domain, spread(domain)) for domain in domains)
        rows = min(len(some_a), len(some_b))
        some_a, some_b = some_a[:rows], some_b[:rows]
        fakes = state.translate(some_a, "b"), state.translate(some_b, "a")
        return in_rows(some_a, fakes[0], some_b, fakes[1])

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
