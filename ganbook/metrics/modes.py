"""How many modes of a Gaussian mixture a generator reaches."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class ModeReport:
    """``covered`` of ``modes``; share of ``high_quality`` samples; ``kl`` to uniform, in nats."""

    covered: int
    modes: int
    high_quality: float
    kl: float


def mode_report(samples: Tensor, centers: Tensor, std: float) -> ModeReport:
    r"""Assign each sample to its nearest centre and count.

    A sample is of high quality if it lies within three standard deviations of a centre. A mode is
    covered if at least one sample of high quality is there. The divergence
    :math:`\mathrm{KL}(q \Vert u) = \log K + \sum_k q_k \log q_k` is that of the shares
    :math:`q_k` of high-quality samples from the uniform distribution over the K modes: 0 at best,
    log K if all sit on one mode; infinite without any sample of high quality.

    Args:
        samples: ``(N, 2)``.
        centers: ``(K, 2)``.
        std: of each Gaussian.

    Raises:
        ValueError: shapes that do not fit, or no samples.

    Source: Metz et al. (2017), Unrolled GANs, and Srivastava et al. (2017), VEEGAN, section 4.1.
    """
    if samples.ndim != 2 or centers.ndim != 2 or samples.shape[1] != centers.shape[1]:
        raise ValueError(
            f"samples (N, D) and centers (K, D) must agree, got {tuple(samples.shape)} and "
            f"{tuple(centers.shape)}."
        )
    if len(samples) == 0:
        raise ValueError("samples is empty.")
    exact = "donot_use_mm_for_euclid_dist"
    distance, nearest = torch.cdist(samples, centers, compute_mode=exact).min(dim=1)
    good = distance <= 3 * std
    counts = nearest[good].bincount(minlength=len(centers)).double()
    if counts.sum() == 0:
        return ModeReport(0, len(centers), 0.0, math.inf)
    share = counts / counts.sum()
    kl = math.log(len(centers)) + torch.special.xlogy(share, share).sum().item()
    return ModeReport(
        int((counts > 0).sum()), len(centers), good.double().mean().item(), max(kl, 0.0)
    )
