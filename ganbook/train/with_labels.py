"""Recipe of the conditional GAN: one folder a class."""

import argparse
from typing import Any

import torch
from torch import Tensor

from ganbook.data.class_folders import ImagesInClassFolders
from ganbook.data.stream import BatchStream
from ganbook.gans import conditional as gan
from ganbook.train.recipe import Indices, Recipe, Share, check_enough, latents_at, stacked
from ganbook.train.settings import config_from

ROWS, COLUMNS = 12, 8  # a class in each row, as long as there are not too many


def conditional(options: argparse.Namespace, share: Share) -> Recipe:
    """Mirza & Osindero (2014), with the discriminators of chapter 6."""
    dataset = ImagesInClassFolders(options.data, options.size, options.gray)
    check_enough(dataset, options.batch_size, str(options.data))
    classes = len(dataset.names)
    config = config_from(
        options,
        gan.Config(width=64),
        classes=(classes,),
        channels=1 if options.gray else 3,
        size=options.size,
    )
    shown = torch.arange(min(classes, ROWS)).repeat_interleave(COLUMNS)
    labels = torch.tensor(dataset.labels)

    def draw(state: Any, places: Indices, labels: Tensor) -> Tensor:
        return state.generate(latents_at(places, config.latent_dim, options.seed), labels)

    return Recipe(
        config=config,
        build=gan.build,
        step=gan.step,
        batches=BatchStream(dataset, options.batch_size, options.seed, options.workers, share),
        files=dataset.files,
        show=lambda state: draw(state, range(len(shown)), shown),
        columns=COLUMNS,
        real=lambda indices: stacked(dataset, indices),
        fake=lambda state, places: draw(state, places, labels[list(places)]),
        measurable=len(dataset),
    )
