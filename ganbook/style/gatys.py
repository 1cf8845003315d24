"""Neural style transfer: paint one picture's content in another's style, by optimising pixels.

Source: Gatys, Ecker & Bethge (2016). Deviations: each layer's loss is divided by its target's mean
square, so weights mean the same for every network; a little total variation; the start is the
content unless asked otherwise; VGG-16, and the content at relu3_2 where the paper has conv4_2.
Several styles and masks: Gatys et al. (2017), section 4.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from ganbook.data.transforms import check_images
from ganbook.models.vgg import VGG
from ganbook.runtime import autocast, check_precision, memory_format
from ganbook.style.gram import gram_matrix
from ganbook.style.losses import check_weights, content_loss, style_loss, total_variation
from ganbook.style.optimise import Callback, Losses, Result, check_optimizer, optimise

STARTS = ("content", "noise", "style")


@dataclass(frozen=True)
class Config:
    """What is compared, with which weights, and how the image is optimised.

    Raises:
        ValueError: a number out of its range, or an unknown name.
    """

    content_layers: tuple[str, ...] = ("relu3_2",)
    style_layers: tuple[str, ...] = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
    content_weight: float = 1.0
    style_weight: float = 10.0
    variation_weight: float = 1.0
    start: str = "content"  # noise, style
    steps: int = 120
    optimizer: str = "lbfgs"  # adam
    learning_rate: float | None = None  # the optimizer's usual one
    precision: str = "float32"  # bf16

    def __post_init__(self):
        check_weights(self, ("content", "style", "variation"))
        if self.start not in STARTS:
            raise ValueError(f"start is {self.start!r}; accepted are {', '.join(STARTS)}.")
        check_optimizer(self.steps, self.optimizer, self.learning_rate)
        check_precision(self.precision)


@dataclass(frozen=True, eq=False)
class Style:
    """A style picture ``(1, 3, H, W)`` in [-1, 1], of any size, and how much of it is wanted where.

    ``weight`` multiplies its loss; those of a blend usually add up to 1. ``mask``, ``(1, 1, h, w)``
    in [0, 1] of the content's size, tells where in the result it counts: 1 for fully.
    """

    image: Tensor
    weight: float = 1.0
    mask: Tensor | None = None


@dataclass(frozen=True, eq=False)
class StyleTarget:
    """A style's Gram matrices by layer, ``(1, C, C)``, its weight and its mask."""

    grams: dict[str, Tensor]
    weight: float
    mask: Tensor | None


@dataclass(frozen=True, eq=False)
class Targets:
    """What the image shall be like, computed once; no gradient leads into it.

    ``content`` has activations by layer; ``styles``, one entry for each style of a weight above 0.
    """

    content: dict[str, Tensor]
    styles: tuple[StyleTarget, ...]


def transfer(
    network: VGG,
    content: Tensor,
    style: Tensor | Sequence[Style],
    config: Config | None = None,
    callback: Callback | None = None,
    generator: torch.Generator | None = None,
) -> Result:
    """Paint ``content`` in the style of a picture, or in a blend of several.

    Args:
        network: of ``load_vgg16(weights, pooling="average")`` or ``max``, frozen.
        content: ``(1, 3, H, W)`` in [-1, 1].
        style: one picture ``(1, 3, h, w)`` in [-1, 1], or several :class:`Style`.
        config: the defaults if None.
        callback: ``callback(step, image, losses)``, see :func:`ganbook.style.optimise.optimise`.
        generator: draws the noise of ``start="noise"``; a CPU generator, the global one if None.

    Returns:
        The image ``(1, 3, H, W)`` in [-1, 1], and by step the losses ``content``, ``style`` and
        ``variation`` without their weights, and ``total`` with them.

    Raises:
        ValueError: images that are not one image of three channels in [-1, 1] or are too small for
            the layers, an unknown layer, no style with a weight above 0, or a mask of another
            size, range or without any area.
        TypeError: images that are not of a floating type.
        FloatingPointError: the loss became NaN or infinite.
    """
    config = config or Config()
    styles = [Style(style)] if isinstance(style, Tensor) else list(style)
    targets = compute_targets(network, content, styles, config)
    image = start_image(content, styles[0].image, config.start, generator)
    return optimise(
        image,
        lambda image: transfer_losses(network, image, targets, config),
        config.steps,
        config.optimizer,
        config.learning_rate,
        callback,
    )


@torch.no_grad()
def compute_targets(
    network: VGG, content: Tensor, styles: Sequence[Style], config: Config
) -> Targets:
    """Return the content's activations and the styles' Gram matrices; raises as `transfer`."""
    check_image(content, "content")
    styles = check_styles(styles, content)
    described = describe(network, content, config.content_layers, config.precision)
    targets = []
    for style in styles:
        features = describe(network, style.image, config.style_layers, config.precision)
        grams = {layer: gram_matrix(features[layer]) for layer in config.style_layers}
        targets.append(StyleTarget(grams, style.weight, style.mask))
    return Targets({layer: described[layer] for layer in config.content_layers}, tuple(targets))


def transfer_losses(network: VGG, image: Tensor, targets: Targets, config: Config) -> Losses:
    """Return the scalars ``total``, ``content``, ``style`` and ``variation`` of an image.

    A Gram matrix is a mean over its mask, so a small region would be painted with all the force of
    a large one; therefore a style's loss is multiplied by the mean of its mask.
    """
    layers = {*config.content_layers, *config.style_layers}
    features = describe(network, image, layers, config.precision, check=False)
    content = content_loss(features, targets.content)
    style = torch.zeros((), device=image.device)
    for target in targets.styles:
        grams, share = {}, target.weight
        for layer in target.grams:
            mask = target.mask
            if mask is not None:
                mask = adaptive_avg_pool2d(mask, features[layer].shape[2:])
            grams[layer] = gram_matrix(features[layer], mask=mask)
        if target.mask is not None:
            share = share * target.mask.mean()
        style = style + share * style_loss(grams, target.grams)
    variation = total_variation(image)
    total = config.content_weight * content + config.style_weight * style
    total = total + config.variation_weight * variation
    return {"total": total, "content": content, "style": style, "variation": variation}


def start_image(
    content: Tensor, style: Tensor, start: str, generator: torch.Generator | None = None
) -> Tensor:
    """Return the first image, of the content's size: the content, the style stretched, or noise."""
    if start == "content":
        return content
    if start == "style":
        size = content.shape[2:]
        stretched = interpolate(style, size, mode="bilinear", antialias=True, align_corners=False)
        return stretched.clamp(-1, 1)
    return (0.5 * torch.randn(content.shape, generator=generator)).clamp(-1, 1).to(content.device)


def describe(
    network: VGG, image: Tensor, layers: Iterable[str], precision: str, check: bool = True
) -> dict[str, Tensor]:
    """Return the network's activations of an image in the precision asked for."""
    with autocast(image.device, precision):
        return network(image.contiguous(memory_format=memory_format(precision)), layers, check)


def check_image(image: Tensor, name: str) -> None:
    """Raise unless ``image`` is one image ``(1, 3, H, W)`` in [-1, 1]."""
    check_images(image, name, channels=3)
    if len(image) != 1:
        raise ValueError(f"{name} must be one image (1, 3, H, W), got {len(image)}.")


def check_styles(styles: Sequence[Style], content: Tensor) -> list[Style]:
    """Return the styles that count."""
    for number, style in enumerate(styles, start=1):
        name = "style" if len(styles) == 1 else f"style {number}"
        check_image(style.image, name)
        if not 0 <= style.weight < float("inf"):
            raise ValueError(f"{name}'s weight must be at least 0, got {style.weight}.")
        if style.mask is None:
            continue
        expected = (1, 1, *content.shape[2:])
        if tuple(style.mask.shape) != expected:
            raise ValueError(
                f"{name}'s mask must have the content's size {expected}, got "
                f"{tuple(style.mask.shape)}."
            )
        if not (style.mask.min() >= 0 and style.mask.max() <= 1 and style.mask.any()):
            raise ValueError(f"{name}'s mask must lie in [0, 1], and not be 0 everywhere.")
    counted = [style for style in styles if style.weight > 0]
    if not counted:
        raise ValueError("No style has a weight above 0.")
    return counted
