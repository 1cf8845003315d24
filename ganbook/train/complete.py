"""Recipes of the GANs that add what an image lacks: a hole's pixels, or the details of a small one.

Both train on the images of one folder, and take away themselves what is to be found again.
"""

import argparse
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from ganbook.data.folders import ImagesFromFolder
from ganbook.data.masks import random_masks
from ganbook.data.resolution import shrink
from ganbook.data.stream import BatchStream
from ganbook.gans import inpainting as inpainting_gan
from ganbook.gans import srgan as srgan_gan
from ganbook.models.inpainter import hide
from ganbook.models.vgg import load_vgg16
from ganbook.train.recipe import (
    Indices,
    Recipe,
    Share,
    check_enough,
    generators_at,
    halvings,
    in_rows,
    patch_layers,
    spread,
    stacked,
)
from ganbook.train.settings import config_from


def inpainting(options: argparse.Namespace, share: Share) -> Recipe:
    """Pathak et al. (2016), with the networks of pix2pix: each step draws other holes.

    A row of the sheet: damaged, painted, whole. An image shown or measured has the same hole each
    time.
    """
    dataset, channels = _images(options)
    config = config_from(
        options,
        inpainting_gan.Config(),
        in_channels=channels + 1,
        out_channels=channels,
        size=options.size,
        downs=halvings(options.size),
        discriminator_layers=patch_layers(options.size),
        steps=options.steps,
    )

    def masks_at(places: Indices) -> Tensor:
        own = generators_at(places, options.seed)
        return torch.cat([random_masks(1, config.size, config.stroke_share, g) for g in own])

    def fake(state, places: Indices) -> Tensor:
        return state.inpaint(stacked(dataset, places), masks_at(places))

    def show(state) -> Tensor:
        places = spread(dataset)
        whole = stacked(dataset, places)
        return in_rows(hide(whole, masks_at(places))[:, :-1], fake(state, places), whole)

    return Recipe(
        config=config,
        build=inpainting_gan.build,
        step=inpainting_gan.step,
        batches=BatchStream(dataset, options.batch_size, options.seed, options.workers, share),
        files=dataset.files,
        show=show,
        columns=3,
        real=lambda places: stacked(dataset, places),
        fake=fake,
        measurable=len(dataset),
    )


def srgan(options: argparse.Namespace, share: Share) -> Recipe:
    """Ledig et al. (2017): ``--size`` is the side of the large images; they are shrunk to learn.

    A row of the sheet: the small image with its pixels repeated, the answer, the truth.

    Raises:
        ValueError: a perceptual loss of gray images.
        ModuleNotFoundError: it needs VGG-16, whose package is missing.
    """
    dataset, channels = _images(options)
    config = config_from(
        options,
        srgan_gan.Config(),
        channels=channels,
        size=options.size,
        discriminator_layers=patch_layers(options.size),
        steps=options.steps,
    )
    if config.perceptual_weight and options.gray:
        raise ValueError("A --perceptual-weight above 0 needs colour: VGG-16 takes no --gray.")
    # Loading draws numbers: here, before the run is seeded.
    describer = load_vgg16("edges") if config.perceptual_weight else None

    def fake(state, places: Indices) -> Tensor:
        return state.enlarge(shrink(stacked(dataset, places), config.factor))

    def show(state) -> Tensor:
        places = spread(dataset)
        truth = stacked(dataset, places)
        small = shrink(truth, config.factor)
        return in_rows(interpolate(small, scale_factor=config.factor), fake(state, places), truth)

    return Recipe(
        config=config,
        build=partial(srgan_gan.build, describer=describer),
        step=srgan_gan.step,
        batches=BatchStream(dataset, options.batch_size, options.seed, options.workers, share),
        files=dataset.files,
        show=show,
        columns=3,
        real=lambda places: stacked(dataset, places),
        fake=fake,
        measurable=len(dataset),
    )


def _images(options: argparse.Namespace) -> tuple[ImagesFromFolder, int]:
    """Return the folder's images and their channels."""
    dataset = ImagesFromFolder(options.data, options.size, options.gray)
    check_enough(dataset, options.batch_size, str(options.data))
    return dataset, 1 if options.gray else 3
