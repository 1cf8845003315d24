"""Small folders of noise, and options for small networks, for the tests of ganbook.train."""

from types import SimpleNamespace

import numpy as np
from PIL import Image

from ganbook.train.command import _parser

TINY = {
    "vanilla": ["--hidden", "8", "--latent-dim", "4"],
    "dcgan": ["--width", "4", "--latent-dim", "4"],
    "wgan-gp": ["--width", "4", "--latent-dim", "4", "--n-critic", "2"],
    "wgan-clip": ["--width", "4", "--latent-dim", "4", "--n-critic", "2"],
    "sngan": ["--width", "4", "--latent-dim", "4"],
    "lsgan": ["--width", "4", "--latent-dim", "4"],
    "conditional": ["--width", "4", "--latent-dim", "4", "--embedding-dim", "2"],
    "pix2pix": ["--width", "4", "--downs", "3", "--discriminator-width", "4"],
    "cyclegan": ["--width", "4", "--blocks", "1", "--discriminator-width", "4"],
    "inpainting": ["--width", "4", "--downs", "3", "--discriminator-width", "4"],
    "srgan": ["--width", "4", "--blocks", "1", "--discriminator-width", "4"],
}


def noise_folder(folder, number, size=(16, 16), seed=0):
    """Write images of noise, and return their folder."""
    generator = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(number):
        pixels = generator.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{i:02d}.png")
    return folder


def folder_for(gan, root, number=12):
    """Return a folder of the form that this GAN wants."""
    if gan == "conditional":
        for k, name in enumerate(("cat", "dog")):
            noise_folder(root / name, number // 2, seed=k)
    elif gan == "pix2pix":
        noise_folder(root, number, (32, 16))
    elif gan == "cyclegan":
        for k, name in enumerate(("trainA", "trainB")):
            noise_folder(root / name, number + k, seed=k)
    else:
        noise_folder(root, number)
    return root


def command(gan, data, output, *more):
    """Return the arguments of a small run."""
    paths = ["--data", str(data), "--output", str(output)]
    return [gan, *paths, "--size", "16", "--batch-size", "4", *TINY[gan], *map(str, more)]


def options(gan, data, *more):
    """Return what the parser makes of them."""
    return _parser().parse_args(command(gan, data, "unused", *more))


def nothing(**values):
    """Return an options object with these values alone."""
    return SimpleNamespace(**values)
