"""Keeping the content's colours: style transfer repaints them too, unless it is told not to.

Source: Gatys, Bethge, Hertzmann & Shechtman (2016), *Preserving Color in Neural Artistic Style
Transfer*. Two ways: give the style the content's colours before (:func:`match_colours`), or paint
in luminance only and put the colours back afterwards (:func:`luminance`, :func:`match_luminance`,
:func:`take_colours`).
"""

import torch
from torch import Tensor

# Rows: luminance Y, and the colour axes I (orange to blue) and Q (purple to green), of NTSC.
YIQ = torch.tensor([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
SMALLEST = 1e-5  # added to variances: a picture of one colour has none


def match_colours(style: Tensor, content: Tensor) -> Tensor:
    r"""Return the style with the mean and covariance of the content's colours.

    .. math:: x' = A (x - \mu_S) + \mu_C, \qquad A = \Sigma_C^{1/2}\, \Sigma_S^{-1/2}

    with symmetric roots, so that :math:`A \Sigma_S A^\top = \Sigma_C`. Colours that leave [-1, 1]
    are clipped, after which the match is no longer exact.

    Args:
        style: ``(1, 3, h, w)`` in [-1, 1].
        content: ``(1, 3, H, W)`` in [-1, 1].

    Returns:
        ``(1, 3, h, w)`` in [-1, 1].

    Source: the paper's colour histogram matching, in its "image analogies" variant: symmetric
    roots, where the other variant has Cholesky's.
    """
    _check(style, "style")
    _check(content, "content")
    (mean, spread), (wanted_mean, wanted_spread) = _colours(style), _colours(content)
    matrix = _power(wanted_spread, 0.5) @ _power(spread, -0.5)
    centred = style.double().flatten(2) - mean
    return (matrix @ centred + wanted_mean).view_as(style).clamp(-1, 1).to(style.dtype)


def luminance(images: Tensor) -> Tensor:
    """Return the gray version ``(N, 3, H, W)`` in [-1, 1]: Y in all three channels."""
    _check(images, "images", one=False)
    return _mix(YIQ[:1], images).expand_as(images)


def match_luminance(style: Tensor, content: Tensor) -> Tensor:
    r"""Return a gray style with the mean and standard deviation of a gray content.

    A dark painting would otherwise be looked for in a bright photo in vain.

    Args:
        style: ``(1, 3, h, w)`` in [-1, 1], as :func:`luminance` gives it.
        content: ``(1, 3, H, W)``, likewise.

    Returns:
        ``(1, 3, h, w)``, clipped to [-1, 1].

    Source: the paper's luminance-only transfer.
    """
    _check(style, "style")
    _check(content, "content")
    factor = content.std() / style.std().clamp(min=SMALLEST)
    return ((style - style.mean()) * factor + content.mean()).clamp(-1, 1)


def take_colours(image: Tensor, colours_from: Tensor) -> Tensor:
    """Return the luminance of ``image`` with the colours (I and Q) of another, clipped to [-1, 1].

    Args:
        image: ``(N, 3, H, W)`` in [-1, 1].
        colours_from: the same shape.

    Raises:
        ValueError: the shapes differ.

    Source: the paper's luminance-only transfer.
    """
    _check(image, "image", one=False)
    if image.shape != colours_from.shape:
        raise ValueError(
            f"image and colours_from must have one shape, got {tuple(image.shape)} and "
            f"{tuple(colours_from.shape)}."
        )
    # Gray has no I and Q: adding gray to an image changes its Y and nothing else.
    return (colours_from + _mix(YIQ[:1], image - colours_from)).clamp(-1, 1)


def to_yiq(images: Tensor) -> Tensor:
    """Return Y (of the images' range), I and Q of RGB images ``(N, 3, H, W)``."""
    return _mix(YIQ, images)


def _mix(matrix: Tensor, images: Tensor) -> Tensor:
    return torch.einsum("ij,njhw->nihw", matrix.to(images), images)


def _colours(image: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean ``(1, 3, 1)`` and covariance ``(3, 3)`` in float64."""
    pixels = image.double().flatten(2)
    mean = pixels.mean(dim=2, keepdim=True)
    centred = (pixels - mean)[0]
    identity = torch.eye(3, dtype=torch.double, device=image.device)
    return mean, centred @ centred.mT / centred.shape[1] + SMALLEST * identity


def _power(matrix: Tensor, exponent: float) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values**exponent) @ vectors.mT


def _check(images: Tensor, name: str, one: bool = True) -> None:
    if images.ndim != 4 or images.shape[1] != 3 or (one and len(images) != 1):
        raise ValueError(
            f"{name} must have shape ({'1' if one else 'N'}, 3, H, W), got {tuple(images.shape)}."
        )
