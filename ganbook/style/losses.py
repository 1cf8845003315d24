"""What painting by a network minimises: content, style and roughness. Values in, a scalar out."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor


def content_loss(features: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Tensor:
    r"""Return how far activations are from the content's, position by position.

    .. math:: \frac{1}{L}\sum_l \frac{\lVert F_l - T_l \rVert^2}{\lVert T_l \rVert^2}

    Args:
        features: by layer, ``(N, C, H, W)``; layers that ``targets`` does not have are ignored.
        targets: the content's, by layer, of the same shapes.

    Raises:
        ValueError: a layer is missing, or shapes differ.

    Source: Gatys, Ecker & Bethge (2016), equation 1, which has a half in place of the divisor:
    see :func:`relative_error`.
    """
    return _mean_over_layers(features, targets, "features")


def style_loss(grams: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Tensor:
    r"""Return how far Gram matrices are from the style's.

    .. math:: \frac{1}{L}\sum_l \frac{\lVert G_l - A_l \rVert^2}{\lVert A_l \rVert^2}

    It is 0 for the style itself, and 1 where an image has no activations at all.

    Args:
        grams: by layer, ``(N, C, C)``, as :func:`ganbook.style.gram.gram_matrix` gives them.
        targets: the style's, by layer, divided in the same way.

    Raises:
        ValueError: a layer is missing, or shapes differ.

    Source: Gatys, Ecker & Bethge (2016), equations 4 and 5 with equal weights; their divisor is
    another (see ``ganbook.style.gram``).
    """
    return _mean_over_layers(grams, targets, "grams")


def relative_error(value: Tensor, target: Tensor) -> Tensor:
    r"""Return :math:`\lVert v - t \rVert^2 / \lVert t \rVert^2`: 1 for a value of 0.

    Activations of one network may be a thousand times those of another, and deep layers differ from
    shallow ones. Divided by the target's mean square all count alike, and a weight means the same
    for every network, layer and image size. The divisor is a constant: no gradient flows into it.

    Raises:
        ValueError: the shapes differ.
    """
    if value.shape != target.shape:
        raise ValueError(
            f"value and target must have one shape, got {tuple(value.shape)} and "
            f"{tuple(target.shape)}."
        )
    target = target.detach().float()
    square = target.square().mean().clamp(min=torch.finfo(torch.float32).tiny)
    return (value.float() - target).square().mean() / square


def check_weights(config: object, parts: Iterable[str]) -> None:
    """Raise a ValueError unless the config's ``{part}_weight`` is at least 0 for all parts."""
    for part in parts:
        weight = getattr(config, f"{part}_weight")
        if not weight >= 0:
            raise ValueError(f"{part}_weight must not be negative, got {weight}.")


def total_variation(images: Tensor) -> Tensor:
    r"""Return the mean absolute difference of neighbours, downwards plus sideways.

    .. math:: \mathbb{E}\,|x_{i+1,j} - x_{i,j}| + \mathbb{E}\,|x_{i,j+1} - x_{i,j}|

    Absolute differences charge an edge once, however sharp it is, and so remove noise but keep
    edges; squares would blur them. At least 2 x 2 pixels.

    Args:
        images: ``(N, C, H, W)``.

    Raises:
        ValueError: another shape, or a side below 2.

    Source: Rudin, Osher & Fatemi (1992), in its anisotropic form. Johnson et al. (2016), section
    3.2, follow Mahendran & Vedaldi (2015), who square.
    """
    if images.ndim != 4 or min(images.shape[2:]) < 2:
        raise ValueError(f"images must be (N, C, H, W), 2 x 2 or more, got {tuple(images.shape)}.")
    return images.diff(dim=2).abs().mean() + images.diff(dim=3).abs().mean()


def _mean_over_layers(values: Mapping, targets: Mapping, name: str) -> Tensor:
    missing = [layer for layer in targets if layer not in values]
    if missing or not targets:
        raise ValueError(f"{name} lacks {', '.join(missing) or 'every layer: targets is empty'}.")
    return torch.stack([relative_error(values[layer], targets[layer]) for layer in targets]).mean()
