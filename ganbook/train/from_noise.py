"""Recipes of the GANs that draw images from noise: vanilla, DCGAN, and the stable ones."""

import argparse
from typing import Any

from torch import Tensor

from ganbook.data.folders import ImagesFromFolder
from ganbook.data.stream import BatchStream
from ganbook.gans import dcgan as dcgan_gan
from ganbook.gans import stable as stable_gan
from ganbook.gans import vanilla as vanilla_gan
from ganbook.train.recipe import Indices, Recipe, Share, check_enough, latents_at, stacked
from ganbook.train.settings import config_from

SHOWN, COLUMNS = 64, 8
STABLE_SIZES = {"latent_dim": 100, "width": 64}  # of DCGAN; the Config's own are for points


def vanilla(options: argparse.Namespace, share: Share) -> Recipe:
    """Goodfellow et al. (2014), with fully connected networks."""
    config = config_from(options, vanilla_gan.Config(), sample_shape=_image_shape(options))
    return _from_noise(vanilla_gan, config, options, share)


def dcgan(options: argparse.Namespace, share: Share) -> Recipe:
    """Radford, Metz & Chintala (2016)."""
    channels, size, _ = _image_shape(options)
    config = config_from(options, dcgan_gan.Config(), channels=channels, size=size)
    return _from_noise(dcgan_gan, config, options, share)


def stable(options: argparse.Namespace, share: Share) -> Recipe:
    """A preset of stable training (``options.preset``), changed by the options.

    A batch holds the images of all the discriminator's updates of a step.
    """
    decided = {"sample_shape": _image_shape(options), **STABLE_SIZES}
    if options.setting_schedule not in (None, "constant"):
        decided["schedule_steps"] = options.steps
    config = config_from(options, options.preset, **decided)
    return _from_noise(stable_gan, config, options, share, config.n_critic)


def _from_noise(
    gan: Any, config: Any, options: argparse.Namespace, share: Share, updates: int = 1
) -> Recipe:
    dataset = ImagesFromFolder(options.data, options.size, options.gray)
    batch_size = options.batch_size * updates
    check_enough(dataset, batch_size, str(options.data))

    def draw(state: Any, places: Indices) -> Tensor:
        return state.generate(latents_at(places, config.latent_dim, options.seed))

    return Recipe(
        config=config,
        build=gan.build,
        step=gan.step,
        batches=BatchStream(dataset, batch_size, options.seed, options.workers, share),
        files=dataset.files,
        show=lambda state: draw(state, range(SHOWN)),
        columns=COLUMNS,
        real=lambda indices: stacked(dataset, indices),
        fake=draw,
        measurable=len(dataset),
    )


def _image_shape(options: argparse.Namespace) -> tuple[int, int, int]:
    return (1 if options.gray else 3, options.size, options.size)
