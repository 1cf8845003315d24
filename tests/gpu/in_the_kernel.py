"""Run in a notebook's kernel before its first cell: the real data sets are the small ones here.

Networks have at most WIDTH channels in their first layer; the weights that the gpu profile
downloads (VGG's, Inception-v3's) are random; long runs are cut short.
"""

import functools
import os
import signal
from importlib import import_module
from pathlib import Path

WIDTH = 8
LONG, SHORT = 100, 3  # in a whole notebook, a run of more than LONG steps is cut down to SHORT
TOTAL, EVERY = 4, 2  # of a cell that saves: its steps, and the steps between two checkpoints
GANS = ("dcgan", "conditional", "pix2pix", "cyclegan")


def prepare(url: str) -> None:
    """For a whole notebook: point the loaders at ``url``, and make everything small."""
    make_small(url)
    wrap_fit(lambda state, steps: steps if steps <= LONG else min(steps, state.step + SHORT))


def prepare_to_resume(url: str, kill_after: int | None = None) -> None:
    """For a cell that saves: TOTAL steps, a checkpoint after EVERY, perhaps a kill between two."""
    from ganbook.training.callbacks import CheckpointEvery

    make_small(url)
    made = CheckpointEvery.__init__

    def more_often(self, path, every, batches=None):
        made(self, path, EVERY, batches)

    def die(state, metrics):
        if state.step == kill_after:
            os.kill(os.getpid(), signal.SIGKILL)

    def total(state, steps):
        print(f"from step {state.step} to {TOTAL}")
        return TOTAL

    CheckpointEvery.__init__ = more_often
    wrap_fit(total, [die])


def wrap_fit(total, more=()) -> None:
    """Let ``fit`` train ``total(state, steps)`` steps, with more callbacks before its own."""
    from ganbook.training import fit as module

    whole = module.fit

    @functools.wraps(whole)
    def fit(state, step, batches, steps, callbacks=()):
        return whole(state, step, batches, total(state, steps), [*more, *callbacks])

    module.fit = fit


def make_small(url: str) -> None:
    """Small data, narrow networks, random weights."""
    from ganbook.metrics import kernel
    from tests.real_sets import point_at

    point_at(url)
    kernel.kernel_distance = functools.partial(kernel.kernel_distance, subset_size=50)
    for name in GANS:
        narrow(import_module(f"ganbook.gans.{name}"))
    random_weights()


def narrow(module) -> None:
    """Let a GAN's ``build`` make networks of at most WIDTH."""
    from dataclasses import replace

    whole = module.build

    @functools.wraps(whole)
    def build(config, *rest, **options):
        return whole(replace(config, width=min(config.width, WIDTH)), *rest, **options)

    module.build = build


def random_weights() -> None:
    """VGG: He's initialization for 528 MB. Inception-v3: random weights, and images of 75 x 75."""
    from ganbook.models import inception, vgg

    def no_download(url):
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

        from tests.models.inception_weights import save_random_weights

        assert "inception" in url
        FeatureExtractorInceptionV3.INPUT_IMAGE_SIZE = 75  # the smallest; 299 costs 16 times more
        return save_random_weights(Path("inception.pth"))

    vgg._read_imagenet = lambda network, weights: vgg._draw(network, None)
    inception._download = no_download
