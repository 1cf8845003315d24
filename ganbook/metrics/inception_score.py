r"""The Inception Score: sure of each image, and different images different.

.. math:: \mathrm{IS} = \exp\bigl(\mathbb{E}_x\,\mathrm{KL}(p(y \mid x)\,\Vert\,p(y))\bigr)

It is 1 if all images get the same verdict, and K, the number of classes, if each verdict is certain
and all classes are equally frequent. Real images never enter.

Source: Salimans et al. (2016), Improved techniques for training GANs, section 4; Barratt & Sharma
(2018), A note on the Inception Score, for what it does not see. On equal logits in equal order it
agrees with ``torch_fidelity.metric_isc`` for any number of images and splits.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from ganbook.metrics.checks import checked_features


@dataclass(frozen=True)
class ScoreReport:
    """``mean`` and ``std`` (divided by the number) of the score over the splits.

    torchmetrics divides by the number less one, so its deviation is larger: by 5 % of ten splits.
    """

    mean: float
    std: float


def inception_score(
    logits: Tensor, splits: int = 10, generator: torch.Generator | None = None
) -> ScoreReport:
    """Return mean and spread of the score over splits of the images.

    Only with the 1008 outputs of the original Inception-v3 is it *the* Inception Score; with the
    logits of another classifier it answers the same question in that classifier's classes, and the
    numbers cannot be compared. The fewer images a split has, the lower the score (the mean verdict
    of few images is less even): compare at equal numbers only, or extrapolate
    (:func:`ganbook.metrics.resample.extrapolate`).

    Args:
        logits: ``(N, K)``, a classifier's outputs before softmax.
        splits: parts that are scored each by itself, as equal in size as can be.
        generator: shuffles first. Without it the order stays, and images sorted by class, say,
            score 1 in each split.

    Raises:
        ValueError: another shape, NaN or infinity; fewer images than splits, or no split.
    """
    logits = checked_features(logits, "logits")
    n = len(logits)
    if not 1 <= splits <= n:
        raise ValueError(f"splits must lie between 1 and the {n} images, got {splits}.")
    if generator is not None:
        logits = logits[torch.randperm(n, generator=generator)]
    log_p = logits.log_softmax(dim=1)  # (N, K)
    bounds = [i * n // splits for i in range(splits + 1)]
    scores = torch.stack([_score(log_p[a:b]) for a, b in pairwise(bounds)])
    return ScoreReport(scores.mean().item(), scores.std(correction=0).item())


def _score(log_p: Tensor) -> Tensor:
    """Return the score of one split, from log-probabilities ``(n, K)``."""
    # The logarithm of the mean stays finite where every probability is rounded to zero.
    log_mean = log_p.logsumexp(dim=0) - torch.tensor(len(log_p), dtype=log_p.dtype).log()
    return (log_p.exp() * (log_p - log_mean)).sum(dim=1).mean().exp()
