r"""Matting: how much of each pixel is foreground, and a new background behind it.

.. math:: I = \alpha F + (1 - \alpha) B

A pixel of hair or of a blurred edge is a mixture of foreground F and background B; alpha is its
share of foreground. A trimap says where it is surely 0 and surely 1; the rest is solved for.

Source: Levin, Lischinski & Weiss (2008), A closed-form solution to natural image matting.
"""

import numpy as np
import torch
from torch import Tensor

from ganbook.data.transforms import check_images


def closed_form_matte(
    image: Tensor, trimap: Tensor, epsilon: float = 1e-6, confidence: float = 100.0
) -> Tensor:
    r"""Return alpha ``(1, H, W)`` in [0, 1] of an image, given where it is known.

    In a small window foreground and background each lie on a line in colour space, so alpha is
    linear in the colours there. Eliminating the lines leaves a quadratic form in alpha alone,

    .. math:: \alpha^\top L\,\alpha + \lambda\,(\alpha - b)^\top D\,(\alpha - b)

    whose minimum solves :math:`(L + \lambda D)\,\alpha = \lambda D\,b`, a sparse linear system.

    Args:
        image: ``(3, H, W)`` in [-1, 1]. Up to about 512 x 512 pixels take seconds.
        trimap: ``(1, H, W)``: 1 where surely foreground, 0 where surely background, anything
            between where unknown.
        epsilon: smooths where a window has one colour; in units of squared colours in [0, 1]. A
            photo with noise wants about 1e-5.
        confidence: lambda, the weight of the trimap.

    Raises:
        ValueError: an image that is not ``(3, H, W)`` in [-1, 1] and at least 3 x 3, a trimap of
            another shape or range, or one without foreground or background; a number that is not
            positive.
        ModuleNotFoundError: SciPy is missing.

    Source: Levin et al. (2008), their colour line model. Deviations: alpha is clipped to [0, 1] and
    known pixels are exact.
    """
    for name, value in (("epsilon", epsilon), ("confidence", confidence)):
        if not value > 0:
            raise ValueError(f"{name} must be positive, got {value}.")
    _check_pair(image, trimap, "trimap")
    known = _known(trimap)
    try:
        from scipy.sparse import diags
        from scipy.sparse.linalg import spsolve
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Matting needs SciPy. Run: pip install 'ganbook[samples]'"
        ) from error

    wanted = trimap.double().flatten().numpy()
    weights = confidence * known.flatten().numpy()
    # A window of known pixels tells nothing new, so it is left out: a much smaller system.
    laplacian = matting_laplacian(image, epsilon, skip=known)
    # Known pixels outside all windows are held by their weight alone; none is without equation.
    alpha = spsolve((laplacian + diags(weights)).tocsc(), weights * wanted)
    alpha = torch.from_numpy(alpha).float().clamp(0, 1).view_as(trimap)
    return torch.where(known, trimap.float(), alpha)


def trimap_around(mask: Tensor, band: int) -> Tensor:
    """Return a trimap ``(1, H, W)`` from a rough mask: unknown (0.5) up to ``band`` from its edge.

    Args:
        mask: ``(1, H, W)`` bool, True on the foreground.
        band: pixels on either side of the edge, across or diagonally, at least 1.

    Raises:
        ValueError: another shape or type, or ``band`` below 1.
    """
    if mask.ndim != 3 or len(mask) != 1 or mask.dtype != torch.bool:
        raise ValueError(f"mask must be bool (1, H, W), got {mask.dtype} {tuple(mask.shape)}.")
    if band < 1:
        raise ValueError(f"band must be at least 1, got {band}.")
    outside, inside = (
        torch.nn.functional.max_pool2d(part.float(), 2 * band + 1, 1, band)
        for part in (~mask, mask)
    )
    return 0.5 * (1 - outside + inside)


def matting_laplacian(image: Tensor, epsilon: float = 1e-6, skip: Tensor | None = None):
    r"""Return the matting Laplacian L, a sparse SciPy matrix ``(H W, H W)``.

    .. math:: L_{ij} = \sum_{k\,\ni\,i,j} \Big(\delta_{ij} - \tfrac19\big(1 + (I_i - \mu_k)^\top
              (\Sigma_k + \tfrac{\epsilon}{9}\,\mathbb 1)^{-1} (I_j - \mu_k)\big)\Big)

    over the 3 x 3 windows k with mean :math:`\mu_k` and covariance :math:`\Sigma_k` of the colours.
    It is symmetric, its rows sum to 0, and no :math:`\alpha^\top L\,\alpha` is negative.

    Args:
        image: ``(3, H, W)`` in [-1, 1]; the equation's colours lie in [0, 1].
        epsilon: see :func:`closed_form_matte`.
        skip: ``(1, H, W)`` bool: windows wholly inside are left out.

    Source: Levin et al. (2008), the Laplacian for colour images.
    """
    from scipy.sparse import coo_matrix

    colours = ((image.double() + 1) / 2).permute(1, 2, 0).numpy()
    height, width, _ = colours.shape
    numbers = np.arange(height * width).reshape(height, width)
    windows = np.lib.stride_tricks.sliding_window_view(numbers, (3, 3)).reshape(-1, 9)
    if skip is not None:
        windows = windows[~skip.flatten().numpy()[windows].all(axis=1)]
    inside = colours.reshape(-1, 3)[windows]  # (K, 9, 3)
    centred = inside - inside.mean(axis=1, keepdims=True)
    covariance = centred.transpose(0, 2, 1) @ centred / 9 + epsilon / 9 * np.eye(3)
    affinity = (1 + centred @ np.linalg.solve(covariance, centred.transpose(0, 2, 1))) / 9
    rows, columns = np.repeat(windows, 9, axis=1), np.tile(windows, (1, 9))
    entries = (np.eye(9) - affinity).reshape(len(windows), 81)
    place = (rows.ravel(), columns.ravel())
    return coo_matrix((entries.ravel(), place), (numbers.size, numbers.size)).tocsr()


def estimate_foreground(image: Tensor, alpha: Tensor, steps: int = 300) -> Tensor:
    r"""Return the foreground's colours ``(3, H, W)`` in [-1, 1], also where alpha is below 1.

    A mixed pixel of the image still holds the old background, which would shine through as a rim.
    Foreground and background are spread smoothly into the mixed pixels: of all F and B with
    :math:`\alpha F + (1 - \alpha) B = I`, those with small steps to their neighbours.

    Args:
        image: ``(3, H, W)`` in [-1, 1].
        alpha: ``(1, H, W)`` in [0, 1].
        steps: rounds of averaging; colours travel by about a pixel a round.

    Raises:
        ValueError: shapes or ranges as in :func:`closed_form_matte`, or ``steps`` below 1.

    Source: the cost of Levin et al., their last step, minimised by the local updates of Germer et
    al. (2020), Fast multi-level foreground estimation. Deviations: one level, and a smaller
    constant in the weights.
    """
    _check_pair(image, alpha, "alpha")
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}.")
    fore = torch.where(alpha > 0.9, image, _mean_where(image, alpha > 0.9))
    back = torch.where(alpha < 0.1, image, _mean_where(image, alpha < 0.1))
    # What a neighbour counts: more where alpha changes.
    weights = [1e-3 + 0.1 * (_shifted(alpha, *move) - alpha).abs() for move in MOVES]
    total = torch.stack(weights).sum(0)
    for _ in range(steps):
        fore, back = (
            sum(w * _shifted(part, *move) for w, move in zip(weights, MOVES)) / total
            for part in (fore, back)
        )
        # Of the pairs (F, B), the best compromise between the neighbours' mean and the mixture.
        error = image - alpha * fore - (1 - alpha) * back
        share = error / (alpha.square() + (1 - alpha).square() + total)
        fore = (fore + alpha * share).clamp(-1, 1)
        back = (back + (1 - alpha) * share).clamp(-1, 1)
    return fore


def composite(foreground: Tensor, background: Tensor, alpha: Tensor) -> Tensor:
    r"""Return :math:`\alpha F + (1 - \alpha) B`.

    Args:
        foreground: ``(..., C, H, W)``.
        background: the same shape and range.
        alpha: ``(..., 1, H, W)`` in [0, 1].

    Raises:
        ValueError: shapes that do not fit, or alpha outside [0, 1].

    Source: Porter & Duff (1984), the operator *over*.
    """
    one_channel = (*foreground.shape[:-3], 1, *foreground.shape[-2:])
    if foreground.shape != background.shape or tuple(alpha.shape) != one_channel:
        raise ValueError(
            "foreground and background must have one shape (..., C, H, W) and alpha (..., 1, H, W),"
            f" got {tuple(foreground.shape)}, {tuple(background.shape)}, {tuple(alpha.shape)}."
        )
    _check_share(alpha, "alpha")
    return alpha * foreground + (1 - alpha) * background


MOVES = ((0, 1), (0, -1), (1, 0), (-1, 0))


def _shifted(images: Tensor, down: int, right: int) -> Tensor:
    """Return each pixel's neighbour; at the edge of the image, the pixel itself."""
    padded = torch.nn.functional.pad(images[None], (1, 1, 1, 1), mode="replicate")[0]
    height, width = images.shape[-2:]
    return padded[:, 1 + down : 1 + down + height, 1 + right : 1 + right + width]


def _mean_where(image: Tensor, where: Tensor) -> Tensor:
    share = where.to(image)
    mean = (image * share).sum(dim=(1, 2), keepdim=True) / share.sum().clamp(min=1)
    return mean.expand_as(image)


def _known(trimap: Tensor) -> Tensor:
    """Return where the trimap is sure, ``(1, H, W)`` bool."""
    for value, name in ((1, "foreground"), (0, "background")):
        if not (trimap == value).any():
            raise ValueError(f"trimap has no sure {name}: no pixel is exactly {value}.")
    return (trimap == 0) | (trimap == 1)


def _check_pair(image: Tensor, share: Tensor, name: str) -> None:
    if image.ndim != 3 or min(image.shape[1:]) < 3:
        raise ValueError(
            f"image must have shape (3, H, W), at least 3 x 3, got {tuple(image.shape)}."
        )
    check_images(image[None], "image", channels=3)
    if tuple(share.shape) != (1, *image.shape[1:]):
        raise ValueError(
            f"{name} must have shape (1, {image.shape[1]}, {image.shape[2]}), "
            f"got {tuple(share.shape)}."
        )
    _check_share(share, name)


def _check_share(share: Tensor, name: str) -> None:
    low, high = share.min().item(), share.max().item()
    if not (low >= 0 and high <= 1):  # NaN fails too
        raise ValueError(f"{name} must lie in [0, 1], got values from {low:.4g} to {high:.4g}.")
