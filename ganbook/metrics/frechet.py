r"""The Fréchet distance between two sets of features, each described as a Gaussian.

.. math:: d^2 = \lVert\mu_1 - \mu_2\rVert^2
                + \operatorname{tr}\!\bigl(\Sigma_1 + \Sigma_2 - 2(\Sigma_1\Sigma_2)^{1/2}\bigr)

Source: Heusel et al. (2017), section 2 and equation 6 (there with Inception-v3 features: FID);
Dowson & Landau (1982) for the formula.
"""

import torch
from torch import Tensor

from ganbook.metrics.features import FeatureExtractor, extract_features


class Statistics:
    """Mean and covariance of features that arrive in batches, in float64 and one pass.

    The result does not depend on how the features were cut into batches (Chan, Golub & LeVeque
    1983: means and centred sums of squares of the parts are merged).
    """

    def __init__(self):
        self.n = 0
        self._mean: Tensor | None = None
        self._scatter: Tensor | None = None

    def update(self, features: Tensor) -> None:
        """Add features ``(N, D)``.

        Raises:
            ValueError: not two-dimensional, another D than before, NaN or infinity.
        """
        if features.ndim != 2:
            raise ValueError(f"features must have shape (N, D), got {tuple(features.shape)}.")
        if not torch.isfinite(features).all():
            raise ValueError("features has NaN or infinite values.")
        features = features.detach().cpu().double()
        if len(features) == 0:
            return
        n, mean = len(features), features.mean(dim=0)
        centred = features - mean
        scatter = centred.T @ centred
        if self._mean is None:
            self.n, self._mean, self._scatter = n, mean, scatter
            return
        if features.shape[1] != len(self._mean):
            raise ValueError(f"Expected {len(self._mean)} features, got {features.shape[1]}.")
        total = self.n + n
        shift = mean - self._mean
        self._scatter += scatter + torch.outer(shift, shift) * (self.n * n / total)
        self._mean = self._mean + shift * (n / total)  # a new tensor: the old one may be in use
        self.n = total

    @property
    def mean(self) -> Tensor:
        """Mean ``(D,)``."""
        self._require(1)
        return self._mean

    @property
    def covariance(self) -> Tensor:
        """Unbiased covariance ``(D, D)`` (divided by N - 1)."""
        self._require(2)
        return self._scatter / (self.n - 1)

    def _require(self, least: int) -> None:
        if self.n < least:
            raise ValueError(f"This statistic needs at least {least} samples, got {self.n}.")


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


def frechet_between(
    real: Tensor, fake: Tensor, extractor: FeatureExtractor, batch_size: int = 250
) -> float:
    """Return the Fréchet distance of two image sets ``(N, C, H, W)`` in an extractor's features.

    The estimate is biased: it falls as N grows, so compare only at equal N (Chong & Forsyth 2020).
    """
    both = []
    for images in (real, fake):
        statistics = Statistics()
        statistics.update(extract_features(images, extractor, batch_size))
        both += [statistics.mean, statistics.covariance]
    return frechet_distance(*both)


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
    cholesky, failed = torch.linalg.cholesky_ex(covariance)
    pivots = cholesky.diagonal()
    # A pivot near zero means that rounding, not the data, decides the factor.
    if not failed and pivots.min() > 1e-6 * pivots.max():
        return cholesky
    values, vectors = torch.linalg.eigh(covariance)
    kept = values > values[-1].clamp(min=0) * len(values) * torch.finfo(values.dtype).eps
    return vectors[:, kept] * values[kept].sqrt()
