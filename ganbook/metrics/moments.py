"""Mean and covariance of more features than fit into memory at once.

Source: Chan, Golub & LeVeque (1983), Algorithms for computing the sample variance.
"""

import torch
from torch import Tensor

from ganbook.metrics.checks import checked_features


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
        features = checked_features(features, "features", least=0)
        if len(features) == 0:
            return
        batch = Statistics()
        batch.n, batch._mean = len(features), features.mean(dim=0)
        centred = features - batch._mean
        batch._scatter = centred.T @ centred
        self.merge(batch)

    def merge(self, other: "Statistics") -> None:
        """Add what another has seen, which stays as it is: parts of a set can be read apart.

        Raises:
            ValueError: statistics of another D.
        """
        if other.n == 0:
            return
        if self._mean is None:
            self.n, self._mean, self._scatter = other.n, other._mean, other._scatter
            return
        if len(other._mean) != len(self._mean):
            raise ValueError(f"Expected {len(self._mean)} features, got {len(other._mean)}.")
        total = self.n + other.n
        shift = other._mean - self._mean
        # New tensors: the old ones may be in use.
        across = torch.outer(shift, shift) * (self.n * other.n / total)
        self._scatter = self._scatter + other._scatter + across
        self._mean = self._mean + shift * (other.n / total)
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
