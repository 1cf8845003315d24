r"""The kernel distance: squared maximum mean discrepancy of two sets of features.

.. math:: \mathrm{MMD}^2 = \mathbb{E}\,k(x, x') + \mathbb{E}\,k(y, y') - 2\,\mathbb{E}\,k(x, y)

where x, x' are independent real and y, y' independent generated samples. With the cubic kernel and
Inception-v3 features it is the Kernel Inception Distance (KID).

Source: Bińkowski, Sutherland, Arbel & Gretton (2018), Demystifying MMD GANs, section 4 (the kernel
and the average over subsets); Gretton et al. (2012), lemma 6 (the unbiased estimate). On equal
subsets it agrees with ``torch_fidelity.metric_kid`` and ``torchmetrics.image.kid``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ganbook.metrics.checks import check_positive, checked_pair

Kernel = Callable[[Tensor, Tensor], Tensor]  # (N, D) and (M, D) to (N, M)


@dataclass(frozen=True)
class KernelReport:
    """``mean`` and ``std`` (divided by the number) of the squared MMD over ``subsets``.

    The standard deviation is that of one subset's value, not the error of the mean: subsets of the
    same samples overlap. For an interval see :mod:`ganbook.metrics.resample`.
    """

    mean: float
    std: float
    subsets: int
    subset_size: int


def polynomial_kernel(
    x: Tensor, y: Tensor, degree: int = 3, gamma: float | None = None, coef0: float = 1.0
) -> Tensor:
    r"""Return :math:`k(x, y) = (\gamma\, x^\top y + c_0)^p` for all pairs, ``(N, M)``.

    Args:
        x: ``(N, D)``.
        y: ``(M, D)``.
        degree: p; the cube compares means, covariances and skewness.
        gamma: 1 / D if None.
        coef0: :math:`c_0`.
    """
    gamma = 1 / x.shape[1] if gamma is None else gamma
    return (x @ y.T * gamma + coef0) ** degree


def squared_mmd(
    x: Tensor, y: Tensor, kernel: Kernel = polynomial_kernel, batch_size: int = 1000
) -> float:
    r"""Return the unbiased estimate of the squared MMD from all samples.

    .. math:: \frac{\sum_{i \ne j} k(x_i, x_j)}{N (N - 1)}
              + \frac{\sum_{i \ne j} k(y_i, y_j)}{M (M - 1)} - \frac{2 \sum_{i, j} k(x_i, y_j)}{N M}

    Its mean is the true value for every N and M, so it is as often negative as positive where the
    two distributions are the same.

    Args:
        x: ``(N, D)``, N at least 2.
        y: ``(M, D)``, M at least 2.
        kernel: from ``(N, D)`` and ``(M, D)`` to ``(N, M)``, symmetric.
        batch_size: rows of the kernel's matrix at a time; the memory needed is that of
            ``batch_size`` times N or M numbers in float64.

    Raises:
        ValueError: not two-dimensional, fewer than two samples, NaN or infinity, different D; an
            empty batch.
    """
    x, y = checked_pair(x, y, least=2)
    check_positive(batch_size=batch_size)
    return _squared_mmd(x, y, kernel, batch_size)


def kernel_distance(
    real: Tensor,
    fake: Tensor,
    subsets: int = 100,
    subset_size: int = 1000,
    generator: torch.Generator | None = None,
    indices: tuple[Tensor, Tensor] | None = None,
    kernel: Kernel = polynomial_kernel,
) -> KernelReport:
    """Return mean and standard deviation of the squared MMD over random subsets.

    This is how KID is reported. :func:`squared_mmd` of all samples estimates the same with less
    noise; the subsets bound the memory and show how far a value of that size scatters.

    Args:
        real: ``(N, D)``.
        fake: ``(M, D)``.
        subsets: how many.
        subset_size: samples of each set in each of them, drawn without replacement.
        generator: of the random subsets.
        indices: the subsets themselves, ``(S, n)`` int64 for each of the two sets, instead of the
            three arguments before.
        kernel: as in :func:`squared_mmd`.

    Raises:
        ValueError: features as in :func:`squared_mmd`; a subset larger than a set or below 2; no
            subset; indices that do not fit.
    """
    real, fake = checked_pair(real, fake, least=2)
    if indices is None:
        check_positive(subsets=subsets)
        for name, n in (("real", len(real)), ("fake", len(fake))):
            if not 2 <= subset_size <= n:
                raise ValueError(
                    f"subset_size must lie between 2 and the {n} {name} samples, got {subset_size}."
                )
        pairs = (
            [torch.randperm(len(x), generator=generator)[:subset_size] for x in (real, fake)]
            for _ in range(subsets)
        )
    else:
        pairs = zip(*_checked_indices(indices, len(real), len(fake)))
        subsets, subset_size = indices[0].shape
    values = torch.tensor(
        [_squared_mmd(real[first], fake[second], kernel, subset_size) for first, second in pairs],
        dtype=torch.float64,
    )
    return KernelReport(values.mean().item(), values.std(correction=0).item(), subsets, subset_size)


def _squared_mmd(x: Tensor, y: Tensor, kernel: Kernel, batch_size: int) -> float:
    n, m = len(x), len(y)
    within_x, within_y = _off_diagonal(x, kernel, batch_size), _off_diagonal(y, kernel, batch_size)
    across = sum(kernel(rows, y).sum() for rows in x.split(batch_size))
    return (within_x / (n * (n - 1)) + within_y / (m * (m - 1)) - 2 * across / (n * m)).item()


def _off_diagonal(x: Tensor, kernel: Kernel, batch_size: int) -> Tensor:
    """Return the sum of k(x_i, x_j) over all i that differ from j."""
    total, start = x.new_zeros(()), 0
    for rows in x.split(batch_size):
        block = kernel(rows, x)
        total += block.sum() - block.diagonal(offset=start).sum()
        start += len(rows)
    return total


def _checked_indices(indices: tuple[Tensor, Tensor], n: int, m: int) -> tuple[Tensor, Tensor]:
    first, second = indices
    if first.ndim != 2 or first.shape != second.shape or len(first) < 1 or first.shape[1] < 2:
        raise ValueError(
            "indices must be two tensors of one shape (subsets, size), size at least 2, got "
            f"{tuple(first.shape)} and {tuple(second.shape)}."
        )
    for name, found, size in (("real", first, n), ("fake", second, m)):
        if found.min() < 0 or found.max() >= size:
            raise ValueError(
                f"indices of the {name} samples must lie in 0..{size - 1}, got "
                f"{found.min()} to {found.max()}."
            )
    return first, second
