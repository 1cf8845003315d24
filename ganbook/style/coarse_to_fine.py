"""Painting at a small size first: large structures come cheaply, then the fine ones over them.

Source: Gatys, Ecker, Bethge, Hertzmann & Shechtman (2017), section 6.2: a unit sees a fixed number
of pixels, so at a large size alone a picture gets only small strokes.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from ganbook.models.vgg import VGG
from ganbook.style import texture
from ganbook.style.gatys import (
    Config,
    Style,
    check_image,
    check_styles,
    compute_targets,
    start_image,
    transfer_losses,
)
from ganbook.style.optimise import Callback, Losses, Result, optimise


def transfer_coarse_to_fine(
    network: VGG,
    content: Tensor,
    style: Tensor | Sequence[Style],
    config: Config | None = None,
    scales: Sequence[float] = (0.5, 1.0),
    callback: Callback | None = None,
    generator: torch.Generator | None = None,
) -> Result:
    """Paint as :func:`ganbook.style.gatys.transfer`, at several sizes one after the other.

    At each, content, styles and masks are reduced by the same factor, and the start is what was
    painted before, enlarged. ``scales=(1.0,)`` is ``transfer`` itself.

    Args:
        network, content, style, config, generator: as for ``transfer``; ``config.steps`` is the sum
            over the scales, shared equally, and ``config.start`` the first image of the first one.
        scales: factors of the size, rising to 1.
        callback: ``callback(step, image, losses)``; images are enlarged to the content's size.

    Returns:
        As ``transfer``. The losses of the scales follow each other; they jump where the size
        changes.

    Raises:
        ValueError: scales that do not rise to 1, fewer steps than scales, or what ``transfer``
            refuses, a picture that gets too small for the layers among it.
        TypeError, FloatingPointError: as ``transfer``.
    """
    config = config or Config()
    styles = [Style(style)] if isinstance(style, Tensor) else list(style)
    check_image(content, "content")
    check_styles(styles, content)
    shares = _share(config.steps, scales)
    size, image, losses, done = tuple(content.shape[2:]), None, [], 0
    for scale, steps in zip(scales, shares):
        small = resize(content, scaled(size, scale))
        reduced = [_reduce(given, scale, small) for given in styles]
        if image is None:
            image = start_image(small, reduced[0].image, config.start, generator)
        targets = compute_targets(network, small, reduced, config)
        result = optimise(
            resize(image, tuple(small.shape[2:])),
            partial(transfer_losses, network, targets=targets, config=config),
            steps,
            config.optimizer,
            config.learning_rate,
            callback and _told(callback, size, done),
        )
        image, done = result.image, done + steps
        losses.append(result.losses)
    return Result(image, _joined(losses))


def synthesise_coarse_to_fine(
    network: VGG,
    image: Tensor,
    size: tuple[int, int] | None = None,
    config: texture.Config | None = None,
    scales: Sequence[float] = (0.25, 0.5, 1.0),
    callback: Callback | None = None,
    generator: torch.Generator | None = None,
) -> Result:
    """Return a new image of a texture, as :func:`ganbook.style.texture.synthesise`, by sizes.

    A brick of 60 pixels is larger than what the layers see; reduced to a quarter it is not.

    Args:
        network, size, config, generator: as for ``synthesise``; ``config.steps`` is the sum over
            the scales, shared equally.
        image: the texture, ``(1, 3, h, w)`` in [-1, 1].
        scales, callback: as for :func:`transfer_coarse_to_fine`.

    Raises:
        ValueError: as there, and as ``synthesise``.
        TypeError, FloatingPointError: as ``synthesise``.
    """
    config = config or texture.Config()
    check_image(image, "texture")
    shares, size = _share(config.steps, scales), size or tuple(image.shape[2:])
    texture.check_size(size)
    painted, losses, done = None, [], 0
    for scale, steps in zip(scales, shares):
        small = resize(image, scaled(image.shape[2:], scale))
        if painted is None:
            start = texture.scatter(small, scaled(size, scale), generator)
        else:
            start = resize(painted, scaled(size, scale))
        told = callback and _told(callback, size, done)
        result = texture.refine(network, start, small, replace(config, steps=steps), told)
        painted, done = result.image, done + steps
        losses.append(result.losses)
    return Result(painted, _joined(losses))


def resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Return images ``(N, C, H, W)`` in [-1, 1] at another size; the same tensor at their own."""
    if tuple(image.shape[2:]) == size:
        return image
    mode = {"mode": "bicubic", "antialias": True, "align_corners": False}
    return interpolate(image, size, **mode).clamp(-1, 1)


def scaled(size: Sequence[int], scale: float) -> tuple[int, int]:
    """Return height and width times ``scale``, rounded, at least 1."""
    return tuple(max(1, round(side * scale)) for side in size)


def _reduce(style: Style, scale: float, content: Tensor) -> Style:
    image = resize(style.image, scaled(style.image.shape[2:], scale))
    mask = style.mask
    if mask is not None:
        mask = adaptive_avg_pool2d(mask, content.shape[2:])
    return Style(image, style.weight, mask)


def _told(callback: Callback, size: tuple[int, int], done: int) -> Callback:
    """Return a callback for one scale: steps count on, images have the full size."""
    return lambda step, image, losses: callback(done + step, resize(image, size), losses)


def _joined(losses: Sequence[Losses]) -> Losses:
    return {name: torch.cat([part[name] for part in losses]) for name in losses[0]}


def _share(steps: int, scales: Sequence[float]) -> list[int]:
    """Return how many steps each scale gets, the first ones those that are left over."""
    if not scales or scales[-1] != 1 or not all(0 < a < b for a, b in pairwise(scales)):
        raise ValueError(f"scales must rise from above 0 to 1, got {tuple(scales)}.")
    if steps < len(scales):
        raise ValueError(f"steps must be at least {len(scales)}, one for each scale, got {steps}.")
    each, over = divmod(steps, len(scales))
    return [each + (number < over) for number in range(len(scales))]
