r"""The Fréchet distance between two sets of features, each described as a Gaussian.

.. math:: d^2 = \lVert\mu_1 - \mu_2\rVert^2
                + \operatorname{tr}\!\bigl(\Sigma_1 + \Sigma_2 - 2(\Sigma_1\Sigma_2)^{1/2}\bigr)

Source: Heusel et al. (2017), section 2 and equation 6 (there with Inception-v3 features: FID);
Dowson & Landau (1982) for the formula. On equal features it agrees with pytorch-fid, torchmetrics
and torch-fidelity; the last two lose digits where a covariance has no full rank.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ganbook.metrics.checks import checked_pair
from ganbook.metrics.features import FeatureExtractor, extract_features
from ganbook.metrics.resample import Extrapolation, extrapolate


def frechet_distance(mean1: Tensor, cov1: Tensor, mean2: Tensor, cov2: Tensor) -> float:
    r"""Return the squared Fréchet distance of two Gaussians, in squared units of the features.

    The trace of :math:`(\Sigma_1\Sigma_2)^{1/2}` is the sum of the roots of the eigenvalues of
    :math:`L_1^\top\Sigma_2 L_1`, where :math:`\Sigma_1 = L_1L_1^\top` with the Cholesky factor: a
    symmetric problem, many times faster than a general matrix square root. Where a covariance has
    no full rank (fewer samples than features), rounded zero eigenvalues would add up to an error;
    there L is made of the scaled eigenvectors of the positive part, and the trace is the sum of the
    singular values of :math:`L_1^\top L_2`.

    Args:
        mean1: ``(D,)``.
        cov1: ``(D, D)``, symmetric, positive semi-definite.
        mean2: ``(D,)``.
        cov2: ``(D, D)``.

    Raises:
        ValueError: shapes that do not fit, NaN or infinity.
    """
    mean1, cov1, mean2, cov2 = (
        torch.as_tensor(value).detach().cpu().double() for value in (mean1, cov1, mean2, cov2)
    )
    d = mean1.numel()
    for name, value, shape in (
        ("mean1", mean1, (d,)),
        ("cov1", cov1, (d, d)),
        ("mean2", mean2, (d,)),
        ("cov2", cov2, (d, d)),
    ):
        if tuple(value.shape) != shape:
            raise ValueError(f"{name} must have shape {shape}, got {tuple(value.shape)}.")
        if not torch.isfinite(value).all():
            raise ValueError(f"{name} has NaN or infinite values.")
    factor1, factor2 = _factor(cov1), _factor(cov2)
    if factor1.shape[1] == factor2.shape[1] == d:
        cross = torch.linalg.eigvalsh(factor1.T @ cov2 @ factor1).clamp(min=0).sqrt().sum()
    else:
        cross = torch.linalg.svdvals(factor1.T @ factor2).sum()
    distance = (mean1 - mean2).square().sum() + cov1.trace() + cov2.trace() - 2 * cross
    return max(distance.item(), 0.0)  # rounding can leave a tiny negative number at distance 0


def frechet_from_features(real: Tensor, fake: Tensor) -> float:
    """Return the Fréchet distance of two sets of features, ``(N, D)`` and ``(M, D)``.

    The same as :func:`frechet_distance` of their statistics, but much faster with fewer samples
    than features: there the centred samples themselves are a factor of their covariance.

    The estimate is biased: it falls as N and M grow, so compare only at equal numbers.

    Raises:
        ValueError: not two-dimensional, fewer than two samples, NaN or infinity, different D.
    """
    real, fake = checked_pair(real, fake, least=2)
    means, d = (real.mean(dim=0), fake.mean(dim=0)), real.shape[1]
    if min(len(real), len(fake)) > d:
        return frechet_distance(means[0], real.T.cov(), means[1], fake.T.cov())
    factors = []
    for features, mean in zip((real, fake), means):
        centred = (features - mean) / math.sqrt(len(features) - 1)
        factors.append(centred.T if len(features) <= d else _factor(centred.T @ centred))
    cross = torch.linalg.svdvals(factors[0].T @ factors[1]).sum()
    traces = sum(factor.square().sum() for factor in factors)
    return max(((means[0] - means[1]).square().sum() + traces - 2 * cross).item(), 0.0)


def frechet_infinity(
    real: Tensor,
    fake: Tensor,
    sizes: Sequence[int] | None = None,
    repeats: int = 1,
    generator: torch.Generator | None = None,
    both: bool = False,
) -> Extrapolation:
    """Return the Fréchet distance that infinitely many samples would have: FID-infinity.

    The distance is measured from subsets of several sizes n, drawn without replacement, and the
    line through it against 1 / n is followed to 1 / n = 0 (Chong & Forsyth 2020). Near a
    distance of zero the limit can be negative: it is as often too low as too high.

    Args:
        real: ``(N, D)``.
        fake: ``(M, D)``.
        sizes: of the subsets; by default 15, evenly from M / 10, at least D, to M. While the real
            samples stay, the bias falls as 1 / n from about n = D on; with ``both`` from far fewer.
        repeats: subsets of each size.
        generator: of the subsets.
        both: draw the real samples too. In the paper they all stay, and the limit keeps the bias of
            their number; with ``both`` it has neither.

    Raises:
        ValueError: features as in :func:`frechet_from_features`; too few samples for the default
            sizes; no size, or one below 2 or above the samples there are; no repeats.
    """
    real, fake = checked_pair(real, fake, least=2)
    most, d = (min(len(real), len(fake)) if both else len(fake)), fake.shape[1]
    if sizes is None:
        if most < 2 * d:
            raise ValueError(
                f"The default sizes need at least 2 x {d} = {2 * d} samples, got {most}: give "
                "sizes, or take features of fewer dimensions."
            )
        sizes = torch.linspace(max(most // 10, d), most, 15).round().int().tolist()
    if not sizes:
        raise ValueError("sizes is empty.")
    if min(sizes) < 2 or max(sizes) > most or repeats < 1:
        raise ValueError(
            f"sizes must lie between 2 and the {most} samples and repeats be at least 1, got "
            f"{min(sizes)} to {max(sizes)} and {repeats}."
        )

    def subset(features: Tensor, n: int) -> Tensor:
        return features[torch.randperm(len(features), generator=generator)[:n]]

    sizes = [n for n in sizes for _ in range(repeats)]
    values = [
        frechet_from_features(subset(real, n) if both else real, subset(fake, n)) for n in sizes
    ]
    return extrapolate(sizes, values)


def frechet_between(
    real: Tensor, fake: Tensor, extractor: FeatureExtractor, batch_size: int = 250
) -> float:
    """Return the Fréchet distance of two image sets ``(N, C, H, W)`` in an extractor's features.

    The estimate is biased: it falls as N grows, so compare only at equal N (Chong & Forsyth 2020).
    """
    features = (extract_features(images, extractor, batch_size) for images in (real, fake))
    return frechet_from_features(*features)


def frechet_within_classes(
    real: Tensor,
    real_labels: Tensor,
    fake: Tensor,
    fake_labels: Tensor,
    extractor: FeatureExtractor,
    batch_size: int = 250,
) -> dict[int, float]:
    """Return the Fréchet distance between real and generated images of each class, by label.

    A class has few images, and the estimate is biased upwards the more the fewer they are: compare
    with real images of equal number. The overall distance can be small while these are large, if
    the right images stand under the wrong labels.

    Args:
        real: ``(N, C, H, W)`` in [-1, 1].
        real_labels: ``(N,)`` int64.
        fake: ``(M, C, H, W)``.
        fake_labels: ``(M,)``, what was asked for; the classes must be those of ``real_labels``.
        extractor: images to features.
        batch_size: images at a time.

    Raises:
        ValueError: not one label an image, or other classes in one set than in the other.
    """
    for name, images, labels in (("real", real, real_labels), ("fake", fake, fake_labels)):
        if tuple(labels.shape) != (len(images),):
            raise ValueError(
                f"{name}_labels must have shape ({len(images)},), got {tuple(labels.shape)}."
            )
    classes, asked = real_labels.unique().tolist(), fake_labels.unique().tolist()
    if classes != asked:
        raise ValueError(f"The classes differ: real has {classes}, fake has {asked}.")
    return {
        label: frechet_between(
            real[real_labels == label], fake[fake_labels == label], extractor, batch_size
        )
        for label in classes
    }


def _factor(covariance: Tensor) -> Tensor:
    """Return L with L L^T = covariance."""
    if not covariance.any():
        return covariance[:, :0]
    cholesky, failed = torch.linalg.cholesky_ex(covariance)
    pivots = cholesky.diagonal()
    # A pivot near zero means that rounding, not the data, decides the factor.
    if not failed and pivots.min() > 1e-6 * pivots.max():
        return cholesky
    values, vectors = torch.linalg.eigh(covariance)
    kept = values > values[-1].clamp(min=0) * len(values) * torch.finfo(values.dtype).eps
    return vectors[:, kept] * values[kept].sqrt()
