"""Texture synthesis: noise takes on a texture's Gram matrices, and a layout of its own.

Source: Gatys, Ecker & Bethge (2015), *Texture Synthesis Using Convolutional Neural Networks*.
Deviations: VGG-16, each layer's loss divided by its target's mean square, a start with the
texture's own pixels, scattered, and colours matched to the texture's in the end. Untrained weights:
Ustyuzhaninov et al. (2016); He, Wang & Hopcroft (2016).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ganbook.models.vgg import VGG
from ganbook.runtime import check_precision
from ganbook.style.colour import match_colours
from ganbook.style.gatys import check_image, describe
from ganbook.style.gram import gram_matrix
from ganbook.style.losses import check_weights, style_loss, total_variation
from ganbook.style.optimise import Callback, Losses, Result, check_optimizer, optimise


@dataclass(frozen=True)
class Config:
    """Which layers are matched, and how the image is optimised.

    Raises:
        ValueError: a number out of its range, or an unknown name.
    """

    layers: tuple[str, ...] = ("relu1_1", "pool1", "pool2", "pool3", "pool4")  # the paper's
    variation_weight: float = 0.0
    match_colours: bool = True  # mean and covariance, when the last step is done
    steps: int = 150
    optimizer: str = "lbfgs"  # adam
    learning_rate: float | None = None  # the optimizer's usual one
    precision: str = "float32"  # bf16

    def __post_init__(self):
        check_weights(self, ("variation",))
        check_optimizer(self.steps, self.optimizer, self.learning_rate)
        check_precision(self.precision)


def synthesise(
    network: VGG,
    texture: Tensor,
    size: tuple[int, int] | None = None,
    config: Config | None = None,
    callback: Callback | None = None,
    generator: torch.Generator | None = None,
) -> Result:
    """Return a new image of a texture.

    Args:
        network: of ``load_vgg16(weights, pooling="average")``, as the paper's; ``random`` weights
            work too.
        texture: ``(1, 3, h, w)`` in [-1, 1].
        size: height and width of the result; the texture's if None. Gram matrices are means over
            the positions, so it is free.
        config: the defaults if None.
        callback: ``callback(step, image, losses)``, see :func:`ganbook.style.optimise.optimise`.
        generator: draws the noise; a CPU generator, the global one if None.

    Returns:
        The image ``(1, 3, height, width)`` in [-1, 1], and by step the losses ``texture``,
        ``variation`` and their weighted sum ``total``.

    Raises:
        ValueError: not one image of three channels in [-1, 1], an unknown layer, or a texture or
            size too small for the layers.
        TypeError: an image that is not of a floating type.
        FloatingPointError: the loss became NaN or infinite.
    """
    config = config or Config()
    check_image(texture, "texture")
    start = scatter(texture, size or tuple(texture.shape[2:]), generator)
    return refine(network, start, texture, config, callback)


def refine(
    network: VGG,
    start: Tensor,
    texture: Tensor,
    config: Config,
    callback: Callback | None = None,
) -> Result:
    """Give an image ``(1, 3, H, W)`` in [-1, 1] a texture; otherwise as :func:`synthesise`.

    Gram matrices hold the colours only loosely: a gray texture would come out with specks of colour
    if they were not matched in the end.
    """
    targets = texture_targets(network, texture, config)
    result = optimise(
        start,
        lambda image: texture_losses(network, image, targets, config),
        config.steps,
        config.optimizer,
        config.learning_rate,
        callback,
    )
    if not config.match_colours:
        return result
    return Result(match_colours(result.image, texture), result.losses)


@torch.no_grad()
def texture_targets(network: VGG, texture: Tensor, config: Config) -> dict[str, Tensor]:
    """Return the texture's Gram matrices by layer, ``(1, C, C)``; no gradient leads into them."""
    check_image(texture, "texture")
    features = describe(network, texture, config.layers, config.precision)
    return {layer: gram_matrix(features[layer]) for layer in config.layers}


def texture_losses(
    network: VGG, image: Tensor, targets: dict[str, Tensor], config: Config
) -> Losses:
    """Return the scalars ``total``, ``texture`` and ``variation`` of an image."""
    features = describe(network, image, config.layers, config.precision, check=False)
    texture = style_loss({layer: gram_matrix(features[layer]) for layer in targets}, targets)
    variation = total_variation(image)
    total = texture + config.variation_weight * variation
    return {"total": total, "texture": texture, "variation": variation}


def scatter(
    texture: Tensor, size: tuple[int, int], generator: torch.Generator | None = None
) -> Tensor:
    """Return noise ``(1, 3, *size)``: pixels drawn from the texture, each at random.

    It has the texture's colours and nothing else of it.

    Raises:
        ValueError: a side below 1.
    """
    check_size(size)
    height, width = size
    pixels = texture.flatten(2)
    drawn = torch.randint(pixels.shape[2], (height * width,), generator=generator)
    return pixels[..., drawn.to(texture.device)].view(1, 3, height, width)


def check_size(size: tuple[int, int]) -> None:
    """Raise a ValueError unless height and width are at least 1."""
    if min(size) < 1:
        raise ValueError(f"size must be a height and a width of at least 1, got {tuple(size)}.")
