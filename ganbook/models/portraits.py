"""The portrait generator that ships with the package: DCGAN after a longer run than a chapter's."""

from importlib.resources import as_file, files

from safetensors.torch import load_file

from ganbook.models.dcgan import DCGANGenerator

LATENT_DIM = 100
SIZE = 64
WIDTH = 32


def load_portrait_generator() -> DCGANGenerator:
    """Return the trained generator, in eval mode and frozen.

    It maps standard normal latents ``(N, 100)`` to portraits ``(N, 3, 64, 64)`` in [-1, 1]. Its
    weights are an average (EMA), stored as float16. ``tools/train_portraits.py`` makes them again.
    """
    generator = DCGANGenerator(LATENT_DIM, channels=3, size=SIZE, width=WIDTH)
    with as_file(files("ganbook") / "weights" / "portrait_generator.safetensors") as path:
        generator.load_state_dict(load_file(path))  # copies float16 into float32
    return generator.eval().requires_grad_(False)
