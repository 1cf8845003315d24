"""Colours and light of a painted image, compared without a network.

Losses for training a stylizer, beside those of VGG: tuned to edges it cares little whether an area
is dark or light, and which of a painting's colours it gets.
"""

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, cosine_similarity

from ganbook.style.colour import luminance, match_colours
from ganbook.style.losses import relative_error

PLACES = 12  # a side: light is compared in 12 x 12 places, strokes are smaller


def colour_moments(images: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean ``(N, 3, 1)`` and covariance ``(N, 3, 3)`` of each image's colours.

    Args:
        images: ``(N, 3, H, W)`` in [-1, 1]; colours count on the scale 0..1.
    """
    pixels = (images + 1).flatten(2) / 2
    mean = pixels.mean(dim=2, keepdim=True)
    centred = pixels - mean
    return mean, centred @ centred.mT / pixels.shape[2]


def palette_loss(images: Tensor, moments: tuple[Tensor, Tensor]) -> Tensor:
    r"""Return how far each image's colours are from a painting's: 0 for its own.

    .. math:: \frac{\lVert \mu - \mu' \rVert^2}{\lVert \mu' \rVert^2}
              + \frac{\lVert \Sigma - \Sigma' \rVert_F^2}{\lVert \Sigma' \rVert_F^2}

    Args:
        images: ``(N, 3, H, W)`` in [-1, 1].
        moments: the painting's, of :func:`colour_moments`.
    """
    pairs = zip(colour_moments(images), moments)
    return sum(relative_error(found, wanted.expand_as(found)) for found, wanted in pairs)


def light_loss(images: Tensor, photos: Tensor) -> Tensor:
    r"""Return :math:`1 - \rho`, with :math:`\rho` the correlation of the two luminances.

    Both are first averaged in 12 x 12 places. It is 0 where light stays light and dark stays dark,
    whatever the contrast, and 2 for a negative. The mean over images.

    Args:
        images: painted, ``(N, 3, H, W)``.
        photos: what they show, of the same shape.
    """
    light = [adaptive_avg_pool2d(luminance(x)[:, :1], PLACES).flatten(1) for x in (images, photos)]
    painted, given = (x - x.mean(dim=1, keepdim=True) for x in light)
    return 1 - cosine_similarity(painted, given, dim=1, eps=1e-4).mean()


def match_each(contents: Tensor, styles: Tensor) -> Tensor:
    """Return each content ``(N, 3, H, W)`` with the colours of its style, or of the only one.

    See :func:`ganbook.style.colour.match_colours`.
    """
    pairs = zip(contents.split(1), styles.expand(len(contents), -1, -1, -1).split(1))
    return torch.cat([match_colours(content, style) for content, style in pairs])
