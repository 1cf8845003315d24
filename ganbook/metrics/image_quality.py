"""How close an image is to the one that was asked for, pixel by pixel: L1, PSNR, SSIM.

All three compare a pair. They reward the average of all likely answers, which is blurred, so they
are read next to the pictures, not instead of them.
"""

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from ganbook.data.transforms import check_images

RANGE = 2.0  # from -1 to 1


def mean_absolute_error(images: Tensor, targets: Tensor) -> Tensor:
    """Return the mean absolute difference (L1) of each pair, ``(N,)`` in [0, 2]; 0 is best.

    Args:
        images: ``(N, C, H, W)`` in [-1, 1].
        targets: of the same shape.

    Raises:
        TypeError, ValueError: shapes differ, or images of another kind or range.
    """
    images, targets = _checked(images, targets)
    return (images - targets).abs().flatten(1).mean(dim=1).float()


def psnr(images: Tensor, targets: Tensor) -> Tensor:
    r"""Return the peak signal-to-noise ratio of each pair, ``(N,)`` in decibels; more is better.

    .. math:: 10 \log_{10} \frac{R^2}{\mathrm{MSE}}, \qquad R = 2

    where R is the range of values, from -1 to 1. Equal images give infinity.

    Args:
        images: ``(N, C, H, W)`` in [-1, 1].
        targets: of the same shape.

    Raises:
        TypeError, ValueError: shapes differ, or images of another kind or range.
    """
    images, targets = _checked(images, targets)
    error = (images - targets).square().flatten(1).mean(dim=1)
    return (10 * torch.log10(RANGE**2 / error)).float()


def ssim(images: Tensor, targets: Tensor) -> Tensor:
    r"""Return the structural similarity of each pair, ``(N,)`` in [-1, 1]; 1 for equal images.

    .. math:: \frac{(2\mu_x\mu_y + c_1)(2\sigma_{xy} + c_2)}
                   {(\mu_x^2 + \mu_y^2 + c_1)(\sigma_x^2 + \sigma_y^2 + c_2)},
              \qquad c_1 = 0.01^2,\; c_2 = 0.03^2

    with means, variances and covariance under a Gaussian window of 11 x 11 pixels and standard
    deviation 1.5; averaged over all places where the window fits, and over the channels. The values
    are mapped to [0, 1] first: the means' factor compares brightness, which cannot be negative.

    Args:
        images: ``(N, C, H, W)`` in [-1, 1], H and W at least 11.
        targets: of the same shape.

    Raises:
        TypeError, ValueError: shapes differ, or images of another kind, range or too small.

    Source: Wang, Bovik, Sheikh & Simoncelli (2004), Image quality assessment: from error
    visibility to structural similarity, equation 13. Deviation: there gray images only.
    """
    images, targets = _checked(images, targets)
    if min(images.shape[2:]) < 11:
        raise ValueError(
            f"ssim's window is 11 x 11 pixels; the images are {tuple(images.shape[2:])}."
        )
    c1, c2 = 0.01**2, 0.03**2
    x, y = (((t + 1) / 2).flatten(0, 1).unsqueeze(1) for t in (images, targets))  # by channel
    mean_x, mean_y = _window_mean(x), _window_mean(y)
    var_x = _window_mean(x * x) - mean_x**2
    var_y = _window_mean(y * y) - mean_y**2
    cov = _window_mean(x * y) - mean_x * mean_y
    similarity = ((2 * mean_x * mean_y + c1) * (2 * cov + c2)) / (
        (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    )
    return similarity.view(len(images), -1).mean(dim=1).float()


def _window_mean(values: Tensor) -> Tensor:
    """Return the mean of ``(M, 1, H, W)`` under the Gaussian window, ``(M, 1, H - 10, W - 10)``."""
    offset = torch.arange(-5, 6, dtype=values.dtype, device=values.device)
    weight = torch.exp(-(offset**2) / (2 * 1.5**2))
    weight = weight / weight.sum()
    rows = conv2d(values, weight.view(1, 1, 11, 1))
    return conv2d(rows, weight.view(1, 1, 1, 11))


def _checked(images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return both in float64: float32 would lose digits in differences of squares."""
    if images.shape != targets.shape:
        raise ValueError(
            f"images and targets differ in shape: {tuple(images.shape)}, {tuple(targets.shape)}."
        )
    if images.numel() == 0:
        raise ValueError("images is empty.")
    check_images(images, "images")
    check_images(targets, "targets")
    return images.double(), targets.double()
