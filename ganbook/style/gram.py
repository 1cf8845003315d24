r"""Gram matrices: which features occur together, wherever they occur.

With :math:`F \in \mathbb{R}^{C \times M}` one image's activations, a row for each channel and a
column for each of the :math:`M = HW` positions,

.. math:: G = F F^\top, \qquad G_{ij} = \sum_k F_{ik} F_{jk}.

Shuffling the positions leaves G as it was: the layout is thrown away, and a description of texture
stays. What G is divided by differs from paper to paper, and with it what a "style weight" means;
with :math:`P = G / M` and mean squares over the :math:`C^2` entries, one layer's loss is

=============================  ==============  ====================================  ===============
source                         G divided by    loss of a layer                       in terms of P
=============================  ==============  ====================================  ===============
Gatys et al. (2016), eq. 3-4   nothing         sum of squares / (4 C² M²)            mse(P, P') / 4
Johnson et al. (2016), eq. 3-4 elements, C M   sum of squares                        mse(P, P')
PyTorch's tutorial             elements, C M   mean of squares                       mse(P, P') / C²
here                           positions, M    mean of squares / target's            free of scale
=============================  ==============  ====================================  ===============

Only the first line needs both images to have the same size.
"""

import torch
from torch import Tensor

DIVISORS = ("positions", "elements", "nothing")


def gram_matrix(
    features: Tensor, divide_by: str = "positions", mask: Tensor | None = None
) -> Tensor:
    r"""Return one Gram matrix an image, ``(N, C, C)`` float32, also inside autocast.

    With a mask each position counts with its weight, :math:`G_{ij} = \sum_k m_k F_{ik} F_{jk}`,
    and the number of positions becomes :math:`\sum_k m_k`.

    Args:
        features: ``(N, C, H, W)``; any range.
        divide_by: ``positions`` (H W), so that the image's size drops out; ``elements`` (C H W);
            or ``nothing``.
        mask: ``(N or 1, 1, H, W)``, weights of at least 0 that are not all 0.

    Raises:
        ValueError: another shape or divisor, or a mask of another size.

    Source: Gatys, Ecker & Bethge (2016), equation 3; with a mask: Gatys et al. (2017), section 4,
    whose guidance channel is :math:`\sqrt{m_k / \sum m}`.
    """
    if features.ndim != 4:
        raise ValueError(f"features must have shape (N, C, H, W), got {tuple(features.shape)}.")
    if divide_by not in DIVISORS:
        raise ValueError(f"divide_by is {divide_by!r}; accepted are {', '.join(DIVISORS)}.")
    n, channels, height, width = features.shape
    positions = height * width
    if mask is not None:
        if mask.shape not in {(n, 1, height, width), (1, 1, height, width)}:
            raise ValueError(
                f"mask must have shape ({n}, 1, {height}, {width}), got {tuple(mask.shape)}."
            )
        positions = mask.flatten(1).sum(dim=1).view(-1, 1, 1)
    with torch.autocast(features.device.type, enabled=False):
        rows = features.float().flatten(2)
        if mask is None:
            # The plain product has two products in its backward pass, one for each factor; in this
            # sum, equal to it since it is symmetric, one does for both.
            half = rows @ rows.detach().mT
            gram = half + half.mT - half.detach()
        else:
            gram = (rows * mask.flatten(2)) @ rows.mT
    if divide_by == "nothing":
        return gram
    return gram / (positions if divide_by == "positions" else positions * channels)
