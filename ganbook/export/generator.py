"""From a checkpoint to its generator: nothing but the file is needed."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ganbook.data.masks import random_masks
from ganbook.gans import conditional, cyclegan, dcgan, inpainting, pix2pix, srgan, stable, vanilla
from ganbook.losses.adversarial import AdversarialLoss
from ganbook.models.inpainter import hide
from ganbook.models.vgg import VGG, VGG19
from ganbook.training.checkpoint import load_checkpoint

GANS = (conditional, cyclegan, dcgan, inpainting, pix2pix, srgan, stable, vanilla)
DIRECTIONS = ("a-to-b", "b-to-a")


@dataclass(frozen=True)
class Generator:
    """A network in eval mode, what it takes, and its config.

    ``inputs`` has a batch of two for each of its arguments, by name: latents ``z`` and, for a
    conditional GAN, ``labels``; or ``images``, with their mask as the last channel for inpainting,
    and small ones for super-resolution.
    """

    network: nn.Module
    inputs: dict[str, Tensor]
    config: dict[str, str]


def load_generator(checkpoint: str | Path, direction: str | None = None) -> Generator:
    """Return the generator of a checkpoint of ``ganbook.train``: its average, if it has one.

    Args:
        checkpoint: the file.
        direction: of ``DIRECTIONS``, for a CycleGAN, which has two generators; else None.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not a checkpoint of one of the book's GANs, or a direction that is missing or
            has no use.
    """
    described = _read_config(Path(checkpoint))
    gan = next((gan for gan in GANS if described["class"] == f"{gan.__name__}.Config"), None)
    if gan is None and described["class"] == f"{stable.Config.__module__}.Config":
        gan = stable
    if gan is None:
        raise ValueError(f"{checkpoint} is of {described['class']}, which has no export.")
    if (direction is None) == (gan is cyclegan):
        raise ValueError(
            "A CycleGAN has two generators: give --direction a-to-b or b-to-a."
            if gan is cyclegan
            else f"--direction {direction} is for a CycleGAN; this checkpoint has one generator."
        )
    values = {name: _value(text) for name, text in described.items() if name != "class"}
    try:
        config = gan.Config(**values)
    except TypeError as error:
        raise ValueError(f"{checkpoint} is of another version of ganbook: {error}") from error
    with torch.random.fork_rng([]):  # building draws numbers, and loading sets the generators
        state = load_checkpoint(checkpoint, _built(gan, config))
    if gan is cyclegan:
        network = state.a_to_b if direction == "a-to-b" else state.b_to_a
    else:
        network = state.sampler
    # bf16 runs keep their weights channels_last; files get the plain order.
    network = network.to("cpu", memory_format=torch.contiguous_format)
    return Generator(network.eval().requires_grad_(False), _inputs(config), described)


def _read_config(path: Path) -> dict[str, str]:
    if not path.is_file():
        raise FileNotFoundError(f"There is no checkpoint {path}.")
    try:
        described = torch.load(path, map_location="cpu", weights_only=True)["config"]
        described["class"]
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"{path} is not a readable checkpoint: {reason}") from error
    return described


def _built(gan: Any, config: Any) -> Any:
    if gan is srgan and config.perceptual_weight:
        return gan.build(config, describer=VGG(VGG19))  # any one: only training looks through it
    return gan.build(config)


def _value(text: str) -> Any:
    """Return what a Config's field was, from its text; nothing but constants can come of it."""
    kind, _, name = text.partition(".")
    if kind == AdversarialLoss.__name__:
        return AdversarialLoss[name]
    return ast.literal_eval(text)


def _inputs(config: Any) -> dict[str, Tensor]:
    own = torch.Generator().manual_seed(0)
    if hasattr(config, "latent_dim"):
        inputs = {"z": torch.randn(2, config.latent_dim, generator=own)}
        if hasattr(config, "classes"):
            inputs["labels"] = torch.tensor([[0] * len(config.classes), [-1] * len(config.classes)])
            inputs["labels"] %= torch.tensor(config.classes)  # the first and the last class
        return inputs
    masked = isinstance(config, inpainting.Config)
    channels = config.channels if hasattr(config, "channels") else config.in_channels - masked
    side = config.size // getattr(config, "factor", 1)
    images = torch.rand(2, channels, side, side, generator=own) * 2 - 1
    if masked:
        images = hide(images, random_masks(2, side, config.stroke_share, own))
    return {"images": images}
