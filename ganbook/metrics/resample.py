"""How sure is a number: bootstrap intervals, spread over seeds, and the limit of many samples.

Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapters 6, 13, 15; Shao & Wu
(1989) for the halves; Chong & Forsyth (2020), Effectively unbiased FID and Inception Score, for the
limit.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Interval:
    """``value`` on all samples, its interval ``low`` to ``high``, standard error ``std``."""

    value: float
    low: float
    high: float
    std: float

    def __str__(self):
        return f"{self.value:.4g} [{self.low:.4g}, {self.high:.4g}]"


@dataclass(frozen=True)
class Spread:
    """``mean`` and ``std`` (divided by n - 1; NaN for one value) of ``n`` values."""

    mean: float
    std: float
    n: int

    def __str__(self):
        return f"{self.mean:.3g} ± {self.std:.2g}"


@dataclass(frozen=True)
class Extrapolation:
    """The line ``limit + slope / n`` through ``values`` at ``sizes``."""

    limit: float
    slope: float
    sizes: tuple[int, ...]
    values: tuple[float, ...]

    def at(self, n: float) -> float:
        """Return the line's value at n samples; ``math.inf`` gives the limit."""
        return self.limit + self.slope / n


def bootstrap(
    statistic: Callable[..., float],
    *samples: Tensor,
    repetitions: int = 200,
    confidence: float = 0.95,
    generator: torch.Generator | None = None,
    replace: bool = False,
) -> Interval:
    """Return a statistic of samples, with the interval that resampling them gives.

    The classic bootstrap draws N of N samples with replacement. That leaves about 63 % different
    samples and many copies, which spoils the statistics of this package: a Fréchet distance of
    fewer samples is larger; copies are each other's nearest neighbours at distance zero, so
    precision, recall and coverage fall; two copies resemble each other as two samples never do, and
    a kernel distance grows. So the default draws random *halves without replacement*: no copies,
    and the standard deviation of the halves' values is the standard error at N (exactly for a mean:
    a half has twice the variance, of which the half that is already known does not scatter).

    With either way only the spread of the resampled values is used, around the value of all
    samples: ``value + (quantile - mean)``. So the interval is that of what N samples give on
    average. It leaves the bias at N where it is; for a Fréchet distance take that off with
    :func:`ganbook.metrics.frechet.frechet_infinity`. Where both sets come from one distribution the
    interval is up to twice too wide, and so on the safe side. And it knows nothing of how training
    would come out another time: for that, train with several seeds.

    Args:
        statistic: from tensors like ``samples`` to a number.
        *samples: one or several sets ``(N, ...)``, N at least 2, each resampled by itself. For rows
            that belong together (images and labels) resample their indices ``torch.arange(N)``.
        repetitions: resampled values; 200 do for the standard error, 1000 for the ends.
        confidence: the share of such intervals that should hold the average.
        generator: of the resampling.
        replace: the classic way.

    Raises:
        ValueError: no samples, or a set of fewer than two; fewer than 2 repetitions; a confidence
            outside (0, 1); a statistic that is not finite.
    """
    (interval,) = bootstrap_together(
        lambda *drawn: (statistic(*drawn),),
        *samples,
        repetitions=repetitions,
        confidence=confidence,
        generator=generator,
        replace=replace,
    )
    return interval


def bootstrap_together(
    statistics: Callable[..., Sequence[float]],
    *samples: Tensor,
    repetitions: int = 200,
    confidence: float = 0.95,
    generator: torch.Generator | None = None,
    replace: bool = False,
) -> list[Interval]:
    """Return the intervals of several statistics that are computed in one go.

    As :func:`bootstrap`, but ``statistics`` gives several numbers: those that share their work,
    such as precision and recall, are computed once for each resampling.
    """
    if not samples or min(len(x) for x in samples) < 2:
        raise ValueError(
            "bootstrap needs at least one set, of at least two samples each, got sets of "
            f"{[len(x) for x in samples]}."
        )
    if repetitions < 2:
        raise ValueError(f"repetitions must be at least 2, got {repetitions}.")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}.")

    def drawn(x: Tensor) -> Tensor:
        n = len(x)
        if replace:
            return x[torch.randint(n, (n,), generator=generator)]
        up = torch.randint(2, (), generator=generator).item()  # halves of 7 are 3 or 4
        return x[torch.randperm(n, generator=generator)[: (n + up) // 2]]

    values = [float(value) for value in statistics(*samples)]
    found = [[*map(float, statistics(*map(drawn, samples)))] for _ in range(repetitions)]
    found = torch.tensor(found, dtype=torch.float64)  # (repetitions, statistics)
    if not (all(map(math.isfinite, values)) and torch.isfinite(found).all()):
        raise ValueError("The statistic is not finite on all samples or on a part of them.")
    intervals = []
    for value, column in zip(values, found.T):
        deviations = column - column.mean()
        low, high = (deviations.quantile((1 + sign * confidence) / 2).item() for sign in (-1, 1))
        intervals.append(Interval(value, value + low, value + high, deviations.std().item()))
    return intervals


def mean_and_spread(values: Sequence[float]) -> Spread:
    """Return mean and standard deviation of values, one a seed.

    Raises:
        ValueError: no value.
    """
    values = torch.as_tensor(values, dtype=torch.float64).flatten()
    if len(values) == 0:
        raise ValueError("values is empty.")
    std = values.std().item() if len(values) > 1 else math.nan
    return Spread(values.mean().item(), std, len(values))


def permutation_test(first: Sequence[float], second: Sequence[float]) -> float:
    """Return how often chance alone separates two groups' means as far as they are, in (0, 1].

    If the groups (the seeds of two methods) do not differ, every way to split all values into two
    groups of these sizes is equally likely. The answer is the share of the splits whose means lie
    at least as far apart as those seen: exact, without any assumption on the distribution. Two
    groups of three cannot give less than 0.1, four 0.03, five 0.008.

    Raises:
        ValueError: an empty group, or more splits than 200,000.
    """
    first, second = list(map(float, first)), list(map(float, second))
    if not first or not second:
        raise ValueError(f"Both groups need values, got {len(first)} and {len(second)}.")
    together = torch.tensor(first + second, dtype=torch.float64)
    splits = math.comb(len(together), len(first))
    if splits > 200_000:
        raise ValueError(f"{splits} ways to split are too many; at most 200000 are counted.")
    chosen = torch.tensor(list(itertools.combinations(range(len(together)), len(first))))
    sums = together[chosen].sum(dim=1)  # the first is that of the groups as they are
    gaps = (sums / len(first) - (together.sum() - sums) / len(second)).abs()
    rounding = 1e-12 * together.abs().max()
    return (gaps >= gaps[0] - rounding).double().mean().item()


def extrapolate(sizes: Sequence[int], values: Sequence[float]) -> Extrapolation:
    r"""Return the least-squares line through values against 1 / n, and its limit for n to infinity.

    The bias of smooth statistics falls as 1 / n (Chong & Forsyth 2020): the Fréchet
    distance from above, the Inception Score from below.

    Args:
        sizes: number of samples behind each value; a size may come several times.
        values: as many.

    Raises:
        ValueError: not equally many, or fewer than two different sizes, or one below 1.
    """
    sizes, values = tuple(int(n) for n in sizes), tuple(float(v) for v in values)
    if len(sizes) != len(values) or len(set(sizes)) < 2 or min(sizes) < 1:
        raise ValueError(
            "extrapolate needs a value for each size, sizes of at least 1, two of them different; "
            f"got {len(values)} values for the sizes {list(sizes)}."
        )
    x = 1 / torch.tensor(sizes, dtype=torch.float64)
    y = torch.tensor(values, dtype=torch.float64)
    slope = ((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum()
    return Extrapolation((y.mean() - slope * x.mean()).item(), slope.item(), sizes, values)
