r"""Adaptive instance normalisation: a style as the mean and deviation of each channel.

Source: Huang & Belongie (2017). Where a Gram matrix has :math:`C^2` numbers a layer, this keeps
:math:`2C` of them, and needs no optimisation: features of the content simply get the style's.
"""

import torch
from torch import Tensor

SMALLEST = 1e-5  # added to variances, as in the authors' code


def channel_statistics(features: Tensor) -> tuple[Tensor, Tensor]:
    r"""Return mean and standard deviation of each channel of each image, ``(N, C, 1, 1)`` each.

    .. math:: \mu_{nc} = \frac1{HW}\sum_{hw} x_{nchw}, \qquad
              \sigma_{nc} = \sqrt{\frac1{HW}\sum_{hw}(x_{nchw} - \mu_{nc})^2 + \epsilon}

    Args:
        features: ``(N, C, H, W)``.

    Raises:
        ValueError: another shape.

    Source: Huang & Belongie (2017), equations 5 and 6.
    """
    if features.ndim != 4:
        raise ValueError(f"features must have shape (N, C, H, W), got {tuple(features.shape)}.")
    variance, mean = torch.var_mean(features, dim=(2, 3), correction=0, keepdim=True)
    return mean, (variance + SMALLEST).sqrt()


def adaptive_instance_norm(content: Tensor, style: Tensor, strength: float = 1.0) -> Tensor:
    r"""Return the content's features with the style's mean and deviation in each channel.

    .. math:: \mathrm{AdaIN}(x, y) = \sigma(y)\,\frac{x - \mu(x)}{\sigma(x)} + \mu(y)

    Args:
        content: :math:`x`, ``(N, C, H, W)``.
        style: :math:`y`, ``(N or 1, C, h, w)``; its size is free.
        strength: 1 for all of it, 0 for the content itself; between them, a mix of the two.

    Raises:
        ValueError: other shapes, or a strength outside [0, 1].

    Source: Huang & Belongie (2017), equation 8; strength: equation 14.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must lie in [0, 1], got {strength}.")
    (mean, deviation), (new_mean, new_deviation) = map(channel_statistics, (content, style))
    if style.shape[1] != content.shape[1] or len(style) not in (1, len(content)):
        raise ValueError(
            f"content and style must have the same channels, and one style or one for each content,"
            f" got {tuple(content.shape)} and {tuple(style.shape)}."
        )
    changed = new_deviation * (content - mean) / deviation + new_mean
    return strength * changed + (1 - strength) * content


def statistics_loss(features: Tensor, style: Tensor) -> Tensor:
    r"""Return how far means and deviations are from the style's, of one layer.

    .. math:: \mathbb{E}\,(\mu(x) - \mu(y))^2 + \mathbb{E}\,(\sigma(x) - \sigma(y))^2

    No gradient flows into the style.

    Args:
        features: :math:`x`, ``(N, C, H, W)``.
        style: :math:`y`, ``(N, C, h, w)``.

    Raises:
        ValueError: other shapes.

    Source: Huang & Belongie (2017), equation 13, one of its layers. Deviation: squares and a mean
    over the channels, where the equation has norms and the authors' code a sum of squares.
    """
    if features.shape[:2] != style.shape[:2]:
        raise ValueError(
            "features and style must agree in images and channels, got "
            f"{tuple(features.shape)} and {tuple(style.shape)}."
        )
    mine, wanted = channel_statistics(features), channel_statistics(style.detach())
    return sum((a - b).square().mean() for a, b in zip(mine, wanted))
