"""Small pictures of large ones, and back: what super-resolution starts from and is checked by."""

from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate


def shrink(images: Tensor, factor: int = 4) -> Tensor:
    """Return the means of blocks of ``factor`` x ``factor`` pixels: what a coarser sensor sees.

    It is linear, and whatever adds up to zero in each block leaves no trace.

    Args:
        images: ``(N, C, H, W)``; H and W are multiples of ``factor``.
        factor: at least 1.

    Returns:
        ``(N, C, H / factor, W / factor)``.

    Raises:
        ValueError: another shape, or a factor below 1.
    """
    _check(images, factor)
    if images.shape[2] % factor or images.shape[3] % factor:
        raise ValueError(
            f"Images are {images.shape[2]} x {images.shape[3]}; both sides must be multiples of "
            f"the factor, {factor}. Crop them."
        )
    return avg_pool2d(images, factor)


def enlarge(images: Tensor, factor: int = 4) -> Tensor:
    """Return the bicubic interpolation ``(N, C, factor * H, factor * W)`` of ``(N, C, H, W)``.

    Each pixel is a weighted mean of 4 x 4 neighbours. Some weights are negative, so beside an edge
    the values overshoot, and may leave the range of the images.

    Raises:
        ValueError: another shape, or a factor below 1.

    Source: Keys (1981), Cubic convolution interpolation; the parameter is PyTorch's, -0.75.
    """
    _check(images, factor)
    return interpolate(images, scale_factor=factor, mode="bicubic", align_corners=False)


def back_project(images: Tensor, small: Tensor) -> Tensor:
    r"""Return the pictures nearest to ``images`` that :func:`shrink` to exactly ``small``.

    .. math:: x + U(y - Sx)

    with S the block means and U their repetition over the block. :math:`SU` is the identity and
    :math:`US` an orthogonal projection; so the squared distance to every picture that shrinks to
    ``small``, the true one among them, falls or stays. Values may leave the range of the images.

    Args:
        images: ``(N, C, H, W)``.
        small: ``(N, C, H / f, W / f)`` for a whole factor f.

    Raises:
        ValueError: shapes that do not belong together.

    Source: Irani & Peleg (1991), whose iteration this step ends at once because U repeats.
    """
    factor = images.shape[-1] // small.shape[-1] if small.ndim == 4 and small.shape[-1] else 0
    wanted = (*small.shape[:2], *(side * factor for side in small.shape[2:]))
    if factor < 1 or tuple(images.shape) != wanted:
        raise ValueError(
            "images must be (N, C, fH, fW) and small (N, C, H, W) for a whole factor f, got "
            f"{tuple(images.shape)} and {tuple(small.shape)}."
        )
    missing = small - shrink(images, factor)
    return images + interpolate(missing, scale_factor=factor, mode="nearest")


def _check(images: Tensor, factor: int) -> None:
    if images.ndim != 4:
        raise ValueError(f"images must have shape (N, C, H, W), got {tuple(images.shape)}.")
    if factor < 1:
        raise ValueError(f"factor must be at least 1, got {factor}.")
