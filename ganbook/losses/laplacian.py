"""The Laplacian pyramid and the distance between two of them."""

import torch
from torch import Tensor
from torch.nn.functional import conv2d, interpolate, pad


def laplacian_pyramid(images: Tensor, levels: int = 4) -> list[Tensor]:
    r"""Return the details of images at ``levels`` scales, and what remains, from fine to coarse.

    .. math:: L^j = I^j - \mathrm{up}(I^{j+1}), \qquad I^{j+1} = \mathrm{down}(I^j)

    Each level is blurred with the binomial 1-4-6-4-1 and halved; a detail is what is lost by that.
    So upsampling and adding, from coarse to fine, gives the image back exactly.

    Args:
        images: ``(N, C, H, W)``, any range.
        levels: details; there is one entry more, the remainder of side ``H / 2**levels``.

    Raises:
        ValueError: ``levels`` is below 1, or a side cannot be halved so often.

    Source: Burt & Adelson (1983). Deviation: bilinear upsampling.
    """
    multiple = 2**levels if levels >= 1 else 0
    if not multiple or any(side % multiple or side < 2 * multiple for side in images.shape[-2:]):
        raise ValueError(
            "levels must be at least 1 and each side a multiple of 2**levels, at least twice it, "
            f"got levels {levels} and images {tuple(images.shape)}."
        )
    pyramid = []
    for _ in range(levels):
        smaller = _down(images)
        pyramid.append(images - _up(smaller))
        images = smaller
    return [*pyramid, images]


def laplacian_pyramid_loss(output: Tensor, target: Tensor, levels: int = 4) -> Tensor:
    r"""Return :math:`\sum_j 4^j\,\lVert L^j(x) - L^j(y)\rVert_1`, per pixel of the image.

    Level j has :math:`4^j` times fewer pixels than the image, so each level counts with its mean.
    Edges count at every scale, where a squared error of pixels sees mainly the large areas.

    Args:
        output: ``(N, C, H, W)``.
        target: the same shape.
        levels: see :func:`laplacian_pyramid`.

    Raises:
        ValueError: the shapes differ, or see :func:`laplacian_pyramid`.

    Source: Ling & Okada (2006); Bojanowski et al. (2018), GLO, the loss Lap1. Deviation: a mean
    over pixels and images, where the papers have a sum over pixels.
    """
    if output.shape != target.shape:
        raise ValueError(
            f"output and target differ in shape: {tuple(output.shape)}, {tuple(target.shape)}."
        )
    # The pyramid is linear: that of the difference is the difference of the two.
    return torch.stack([d.abs().mean() for d in laplacian_pyramid(output - target, levels)]).sum()


def _down(images: Tensor) -> Tensor:
    binomial = images.new_tensor([1, 4, 6, 4, 1]) / 16
    channels = images.shape[1]
    kernel = torch.outer(binomial, binomial).expand(channels, 1, 5, 5)
    return conv2d(pad(images, (2, 2, 2, 2), mode="replicate"), kernel, stride=2, groups=channels)


def _up(images: Tensor) -> Tensor:
    return interpolate(images, scale_factor=2, mode="bilinear", align_corners=False)
