r"""Precision and recall, density and coverage: fidelity and diversity, told apart.

Around each sample of one set lies a ball that reaches to its k-th nearest neighbour in the same
set; all balls together stand for the region where that set lives.

Source: Kynkäänniemi et al. (2019), Improved precision and recall metric for assessing generative
models, section 2, equations 1 and 2; Naeem et al. (2020), Reliable fidelity and diversity metrics,
section 3. On equal features it agrees with ``torch_fidelity.metric_prc`` (whose *first* argument is
the generated set). The balls are closed, as in Kynkäänniemi et al. and torch-fidelity; the code of
Naeem et al. (``prdc``) takes open ones, which differs only where two distances are exactly equal.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ganbook.metrics.checks import check_positive, checked_pair


@dataclass(frozen=True)
class PrecisionRecall:
    """Shares in [0, 1]: fakes within the real region, and reals within the fakes' region."""

    precision: float
    recall: float


@dataclass(frozen=True)
class DensityCoverage:
    """``density`` (0 and up, 1 on average for real samples) and ``coverage``, in [0, 1]."""

    density: float
    coverage: float


def precision_recall(
    real: Tensor, fake: Tensor, k: int = 3, batch_size: int = 1000
) -> PrecisionRecall:
    r"""Return the share of fakes in a ball of any real, and of reals in a ball of any fake.

    .. math:: \text{precision} = \frac1M \sum_j \mathbb{1}\bigl[\exists i: \lVert y_j - x_i\rVert
              \le r_k(x_i)\bigr], \qquad \text{recall}: \text{x and y exchanged}

    where :math:`r_k(x_i)` is the distance from :math:`x_i` to its k-th nearest *other* real
    sample. Both depend on N, M and k: two halves of the real set, compared, give the value to
    reach, which is not 1.

    Args:
        real: ``(N, D)``, N greater than k.
        fake: ``(M, D)``, M greater than k.
        k: which neighbour the balls reach to; 3 in the paper.
        batch_size: rows of the distance matrix at a time. The memory needed is that of a few times
            ``batch_size`` times N or M numbers in float64; the result does not depend on it.

    Raises:
        ValueError: not two-dimensional, too few samples for k, NaN or infinity, different D.
    """
    real, fake = _prepared(real, fake, k, batch_size)
    real_radii = _squared_radii(real, k, batch_size)
    fake_radii = _squared_radii(fake, k, batch_size)[:, None]  # (M, 1): the rows below
    in_real, in_fake = [], torch.zeros(len(real_radii), dtype=torch.bool)
    for part, block in _blocks(fake, real, batch_size):
        _make_exact(block, real_radii, fake, real, part)
        _make_exact(block, fake_radii[part], fake, real, part)
        in_real.append((block <= real_radii).any(dim=1))
        in_fake |= (block <= fake_radii[part]).any(dim=0)
    precision, recall = (found.double().mean().item() for found in (torch.cat(in_real), in_fake))
    return PrecisionRecall(precision, recall)


def density_coverage(
    real: Tensor, fake: Tensor, k: int = 5, batch_size: int = 1000
) -> DensityCoverage:
    r"""Return in how many real balls a fake lies, and the share of real balls with a fake in them.

    .. math:: \text{density} = \frac1{kM} \sum_j \sum_i \mathbb{1}\bigl[\lVert y_j - x_i\rVert
              \le r_k(x_i)\bigr], \qquad
              \text{coverage} = \frac1N \sum_i \mathbb{1}\bigl[\exists j: \lVert y_j - x_i\rVert
              \le r_k(x_i)\bigr]

    Only the real samples have balls, so one odd fake cannot widen the region, and one odd real
    sample, whose ball is wide, counts little. Where both sets come from one distribution the means
    are known: see :func:`expected_coverage`; that of the density is 1.

    Args:
        real: ``(N, D)``, N greater than k.
        fake: ``(M, D)``.
        k: which neighbour the balls reach to; 5 in the paper.
        batch_size: as in :func:`precision_recall`.

    Raises:
        ValueError: as :func:`precision_recall`.
    """
    real, fake = _prepared(real, fake, k, batch_size, fake_least=1)
    radii = _squared_radii(real, k, batch_size)
    counts = torch.zeros(len(radii), dtype=torch.int64)  # fakes in the ball of each real sample
    for part, block in _blocks(fake, real, batch_size):
        _make_exact(block, radii, fake, real, part)
        counts += (block <= radii).sum(dim=0)
    density = counts.sum().item() / (k * len(fake.features))
    return DensityCoverage(density, (counts > 0).double().mean().item())


def expected_coverage(n_real: int, n_fake: int, k: int = 5) -> float:
    r"""Return the mean coverage of fakes that come from the reals' own distribution.

    .. math:: 1 - \prod_{i=1}^{k} \frac{N - i}{N + M - i}

    A ball stays empty if the k nearest of the other N - 1 + M samples are all real. It does not
    depend on the distribution or the dimension (Naeem et al., lemma 2), and approaches
    :math:`1 - 2^{-k}` for many samples, N = M.
    """
    check_positive(n_real=n_real, n_fake=n_fake, k=k)
    empty = 1.0
    for i in range(1, k + 1):
        empty *= (n_real - i) / (n_real + n_fake - i)
    return 1 - empty


@dataclass(frozen=True)
class _Set:
    """Features ``(N, D)``; the same around a common centre; the squared lengths of those, (N,)."""

    features: Tensor
    centred: Tensor
    squares: Tensor


def _prepared(
    real: Tensor, fake: Tensor, k: int, batch_size: int, fake_least: int | None = None
) -> tuple[_Set, _Set]:
    """Return both sets, checked, with the mean of the real samples as the common centre."""
    real, fake = checked_pair(real, fake)
    check_positive(k=k, batch_size=batch_size)
    for name, n, least in (("real", len(real), k + 1), ("fake", len(fake), fake_least or k + 1)):
        if n < least:
            raise ValueError(
                f"{name} needs at least {least} samples for the neighbours of k = {k}, got {n}."
            )
    centred = [features - real.mean(dim=0) for features in (real, fake)]
    squares = [features.square().sum(dim=1) for features in centred]
    return _Set(real, centred[0], squares[0]), _Set(fake, centred[1], squares[1])


def _squared_radii(points: _Set, k: int, batch_size: int) -> Tensor:
    """Return the squared distance ``(N,)`` of each sample to its k-th nearest other sample."""
    radii = []
    for part, block in _blocks(points, points, batch_size):
        block.diagonal(offset=part.start).fill_(torch.inf)  # a sample is not its own neighbour
        nearly = block.topk(k, largest=False).values[:, -1:]
        _make_exact(block, nearly, points, points, part)
        radii.append(block.topk(k, largest=False).values[:, -1])
    return torch.cat(radii)


def _blocks(rows: _Set, columns: _Set, batch_size: int) -> Iterator[tuple[slice, Tensor]]:
    """Yield a part of the rows and its squared distances ``(batch, columns)``, nearly exact.

    They come from a product of matrices, about twelve times as fast as from differences.
    """
    for start in range(0, len(rows.squares), batch_size):
        part = slice(start, start + batch_size)
        block = torch.addmm(columns.squares, rows.centred[part], columns.centred.T, alpha=-2)
        yield part, block.add_(rows.squares[part, None])


def _make_exact(block: Tensor, level: Tensor, rows: _Set, columns: _Set, part: slice) -> None:
    """Recompute from differences the squared distances that rounding keeps from comparing.

    The product's rounding is at most about D times the precision of float64 times the squared
    lengths. Whatever lies so close to the level, ties and copies above all, is computed anew.
    """
    d = columns.features.shape[1]
    lengths = rows.squares[part].max() + columns.squares.max()
    rounding = 4 * d * torch.finfo(block.dtype).eps * lengths
    close = (block <= level + rounding) ^ (block < level - rounding)
    for pairs in close.nonzero().split(max(1, 10_000_000 // d)):
        i, j = pairs.unbind(dim=1)
        difference = rows.features[part.start + i] - columns.features[j]
        block[i, j] = difference.square().sum(dim=1)
