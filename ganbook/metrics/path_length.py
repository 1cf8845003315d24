r"""Perceptual path length: how evenly what is drawn changes along a walk in latent space.

.. math:: \ell = \mathbb{E}_{z_1, z_2, t}\;\frac{1}{\varepsilon^2}\,
                 d\bigl(G(z(t)),\, G(z(t + \varepsilon))\bigr)

where z(t) walks from :math:`z_1` to :math:`z_2` as t goes from 0 to 1. Source: Karras, Laine & Aila
(2019), section 4.1. Deviations: d is the squared Euclidean distance in an extractor of your choice
instead of LPIPS; :math:`\varepsilon` is 0.01 instead of 0.0001, where float32 features are only
rounding; the arc keeps the length of normal latents, which StyleGAN normalises away.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ganbook.metrics.features import FeatureExtractor


@dataclass(frozen=True)
class PathLength:
    """``mean`` over ``n`` walks, its standard error, the median, and the mean of the inner 98 %.

    A few walks that cross a sudden change can carry the mean; StyleGAN's code leaves out the
    smallest and the largest 1 %, which is ``trimmed``.
    """

    mean: float
    standard_error: float
    median: float
    trimmed: float
    n: int


@torch.no_grad()
def perceptual_path_length(
    generate: Callable[[Tensor], Tensor],
    latent_dim: int,
    extractor: FeatureExtractor,
    n: int = 1000,
    epsilon: float = 1e-2,
    walk: str = "arc",
    batch_size: int = 100,
    generator: torch.Generator | None = None,
) -> PathLength:
    """Draw ``n`` pairs of normal latents and measure one short step on the walk between each.

    Small is smooth. Zero is a generator that ignores its latent: read it with a diversity.

    Args:
        generate: latents ``(N, latent_dim)`` to images, as the extractor takes them; a network in
            eval mode, so that an image does not depend on its batch.
        latent_dim: length of z.
        extractor: images to features ``(N, D)``.
        n: pairs.
        epsilon: length of the step, a share of the whole walk.
        walk: ``arc`` (spherical, for normal latents) or ``line`` (for uniform or learned ones).
        batch_size: pairs at a time; does not change the result.
        generator: draws the latents; the global one if None.

    Raises:
        ValueError: an unknown walk, a step outside of (0, 1), or fewer than two pairs.
    """
    if walk not in WALKS:
        raise ValueError(f"walk is {walk!r}; accepted are {', '.join(WALKS)}.")
    if not 0 < epsilon < 1:
        raise ValueError(f"epsilon must lie between 0 and 1, got {epsilon}.")
    if n < 2:
        raise ValueError(f"n must be at least 2, got {n}.")
    starts, ends = torch.randn(2, n, latent_dim, generator=generator)
    times = torch.rand(n, 1, generator=generator) * (1 - epsilon)  # the step ends before z2
    lengths = []
    for start, end, time in zip(*(x.split(batch_size) for x in (starts, ends, times))):
        here, there = (
            extractor(generate(WALKS[walk](start, end, t))).double() for t in (time, time + epsilon)
        )
        lengths.append((there - here).flatten(1).square().sum(dim=1) / epsilon**2)
    lengths = torch.cat(lengths).sort().values
    cut = n // 100
    return PathLength(
        mean=lengths.mean().item(),
        standard_error=lengths.std().item() / n**0.5,
        median=lengths.median().item(),
        trimmed=lengths[cut : n - cut].mean().item(),
        n=n,
    )


def line(start: Tensor, end: Tensor, time: Tensor) -> Tensor:
    """Return the points ``(N, D)`` at the times ``(N, 1)`` of straight lines between latents."""
    return (1 - time) * start + time * end


def arc(start: Tensor, end: Tensor, time: Tensor) -> Tensor:
    """Return the points ``(N, D)`` at the times ``(N, 1)`` of arcs between latents ``(N, D)``.

    White (2016), Sampling Generative Networks, section 2.1. Where the two are parallel or opposite,
    the arc is the line.
    """
    cosine = torch.nn.functional.cosine_similarity(start, end, dim=1)[:, None]
    angle = cosine.clamp(-1, 1).arccos()
    sine = angle.sin()
    on_arc = (((1 - time) * angle).sin() * start + (time * angle).sin() * end) / sine
    return torch.where(sine > 1e-3, on_arc, line(start, end, time))


WALKS = {"arc": arc, "line": line}
