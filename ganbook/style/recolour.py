"""The content in its styles' colours, before the first stroke.

Colours then need not be fought over: a style repaints edges and textures, and the content's own
edges may stay, with as much contrast as the style has. Not in Gatys et al. (2016), who leave it all
to the losses.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ganbook.style.colour import match_colours
from ganbook.style.gatys import Style, check_image, check_styles


def recolour(content: Tensor, style: Tensor | Sequence[Style]) -> Tensor:
    r"""Return the content with the mean and covariance of the style's colours, clipped.

    Several styles mix as they will in the painting: with :math:`x_k` the content in the colours of
    style k, of weight :math:`w_k` and mask :math:`m_k`,

    .. math:: x = \frac{\sum_k w_k m_k x_k}{\sum_k w_k m_k}

    and where no style is wanted, the content as it is.

    Args:
        content: ``(1, 3, H, W)`` in [-1, 1].
        style: one picture or several, as :func:`ganbook.style.gatys.transfer` takes them.

    Raises:
        ValueError, TypeError: as ``transfer`` for its pictures.
    """
    styles = [Style(style)] if isinstance(style, Tensor) else style
    check_image(content, "content")
    total, shares = torch.zeros_like(content), torch.zeros_like(content[:, :1])
    for given in check_styles(styles, content):
        share = given.weight * (1 if given.mask is None else given.mask)
        total = total + share * match_colours(content, given.image)
        shares = shares + share
    return torch.where(shares > 0, total / shares.clamp(min=1e-6), content).clamp(-1, 1)
