"""Chapter 10's checks: right answers, typical wrong ones and the hint for each."""

import math

import pytest
import torch

from ganbook.check import evaluation as check
from ganbook.metrics.precision_recall import precision_recall


def entropy(p):
    return torch.special.entr(p).sum(dim=-1)


def class_score(p):
    return (entropy(p.mean(dim=0)) - entropy(p).mean()).exp()


def divergence(p, q):
    return torch.special.xlogy(p, p).sum(dim=1) - torch.special.xlogy(p, q).sum(dim=1)


def in_bits(p):
    return 2 ** ((divergence(p, p.mean(dim=0)) / math.log(2)).mean().item())


def frechet(real, fake, moment=torch.std, correction=1):
    apart = real.mean(dim=0) - fake.mean(dim=0)
    spread = moment(real, dim=0, correction=correction) - moment(fake, dim=0, correction=correction)
    return (apart.square() + spread.square()).sum()


def by_the_formula(real, fake):
    """The matrix formula with the roots of diagonal matrices."""
    first, second = (features.var(dim=0).diag() for features in (real, fake))
    means = (real.mean(dim=0) - fake.mean(dim=0)).square().sum()
    return (means + (first + second - 2 * (first @ second).sqrt()).trace()).item()


def balls(points, others, k):
    """Whether each point (rows) is in the ball of each of the others."""
    radii = torch.cdist(others, others).kthvalue(k + 1, dim=1).values
    return torch.cdist(points, others) <= radii


def share(points, others, k):
    return balls(points, others, k).any(dim=1).double().mean()


def precision_and_recall(real, fake, k):
    return share(fake, real, k), share(real, fake, k)


def by_the_package(real, fake, k):
    found = precision_recall(real, fake, k)
    return found.precision, found.recall


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (check.class_score, class_score),
        (check.class_score, in_bits),
        (check.class_score, lambda p: divergence(p, p.mean(dim=0)).mean().exp().item()),
        (check.frechet_of_independent, frechet),
        (check.frechet_of_independent, lambda r, f: frechet(r, f, correction=0)),
        (check.frechet_of_independent, by_the_formula),
        (check.precision_and_recall, precision_and_recall),
        (check.precision_and_recall, by_the_package),
    ],
)
def test_right(said, exercise, answer):
    assert said(exercise, answer).startswith("Right: ")


@pytest.mark.parametrize(
    "exercise", [check.class_score, check.frechet_of_independent, check.precision_and_recall]
)
def test_missing_or_broken(neither_missing_nor_broken, exercise):
    neither_missing_nor_broken(exercise)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda p: class_score(p).log(), "the mean divergence"),
        (lambda p: 1 / class_score(p), "below 1"),
        (lambda p: divergence(p, p.mean(dim=0)).sum().exp(), "add up the images"),
        (lambda p: (divergence(p, p.mean(dim=0)).mean() / p.shape[1]).exp(), "images and classes"),
        (lambda p: divergence(p, p.mean(dim=0)).exp().mean(), "in the other order"),
        (lambda p: class_score(p) ** (1 / math.log(2)), "different bases"),
        (lambda p: entropy(p.mean(dim=0)).exp(), "not whether each answer is sure"),
        (lambda p: (-entropy(p).mean()).exp(), "not whether the classes are even"),
        (lambda p: entropy(p).mean().exp(), "how unsure"),
        (lambda p: (entropy(p.mean(dim=0)) + entropy(p).mean()).exp(), "grow with both"),
        (
            lambda p: torch.special.xlogy(p.mean(dim=0), p.mean(dim=0) / p).sum(dim=1).mean().exp(),
            "has an order",
        ),
        (lambda p: divergence(p, p.mean(dim=1, keepdim=True)).mean().exp(), "over the classes"),
        (lambda p: (p * (p / p.mean(dim=0)).log()).sum(dim=1).mean().exp(), "0 log 0"),
        (
            lambda p: torch.special.xlogy(p, p / p.mean(dim=0)).sum(dim=1).mean().exp(),
            "a class never occurs",
        ),
        (lambda p: divergence(p, p.mean(dim=0)).exp(), "must be one number"),
        (lambda p: 2.0, "your function gives 2"),
    ],
)
def test_wrong_scores(refused, answer, hint):
    refused(check.class_score, answer, hint, ["exp(", "entr(", "mean(dim"])


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda r, f: frechet(r, f).sqrt(), "A root too many"),
        (lambda r, f: frechet(r, f) / 3, "average over the features"),
        (lambda r, f: frechet(r, f, torch.var), "compare variances"),
        (lambda r, f: (r.std(0) - f.std(0)).square().sum(), "has moved"),
        (lambda r, f: (r.mean(0) - f.mean(0)).square().sum(), "wider than the other"),
        (lambda r, f: (r.mean(0) - f.mean(0)).abs().sum(), "adds their squares"),
        (
            lambda r, f: (r.mean(0) - f.mean(0)).sum() ** 2 + (r.std(0) - f.std(0)).sum() ** 2,
            "before you square",
        ),
        (lambda r, f: (r.mean() - f.mean()) ** 2 + (r.std() - f.std()) ** 2, "has its own"),
        (
            lambda r, f: (r.mean(0) - f.mean(0)).square().sum() + (r.var(0) + f.var(0)).sum(),
            "two equal clouds",
        ),
        (lambda r, f: (r.mean(0) - f.mean(0)).square(), "one number"),
    ],
)
def test_wrong_distances(refused, answer, hint):
    refused(check.frechet_of_independent, answer, hint, ["(σ", "std", "square("])


def test_pairs_that_there_are_not(refused):
    """Sets of unequal size stop an answer that compares image with image."""

    def paired(real, fake):
        return (real - fake).square().sum(dim=1).mean()

    refused(check.frechet_of_independent, paired, "RuntimeError: The size of tensor a")


def shares(of_balls):
    """Both shares from what is made of points, others and k."""
    return lambda real, fake, k: (of_balls(fake, real, k), of_balls(real, fake, k))


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda r, f, k: precision_and_recall(f, r, k), "exchanged"),
        (lambda r, f, k: precision_and_recall(r, f, k - 1), "who stands first?"),
        (shares(lambda p, o, k: balls(p, o, k).any(dim=0).double().mean()), "in some ball"),
        (shares(lambda p, o, k: balls(p, o, k).double().mean()), "all pairs"),
        (
            shares(lambda p, o, k: balls(p, o, k).double().sum() / (k * len(p))),
            "in how many balls",
        ),
        (shares(lambda p, o, k: balls(p, o, k).all(dim=1).double().mean()), "every ball"),
        (shares(lambda p, o, k: balls(p, o, k).any(dim=1).sum()), "Which share"),
        (
            shares(
                lambda p, o, k: (
                    (torch.cdist(p, o) <= torch.cdist(o, p).kthvalue(k, dim=1).values)
                    .any(dim=1)
                    .double()
                    .mean()
                )
            ),
            "a neighbour of its own set",
        ),
        (
            shares(
                lambda p, o, k: (
                    (torch.cdist(p, o) <= torch.cdist(o, o).kthvalue(k + 1, dim=1).values.mean())
                    .any(dim=1)
                    .double()
                    .mean()
                )
            ),
            "the same radius",
        ),
        (
            shares(lambda p, o, k: balls(o, p, k).mT.any(dim=1).double().mean()),
            "around the wrong set",
        ),
        (lambda r, f, k: (share(f, r, k), 0.5), "The recall with k = 3 is too"),
        (lambda r, f, k: share(f, r, k), "Return 2 values (precision, recall)"),
    ],
)
def test_wrong_shares(refused, answer, hint):
    refused(check.precision_and_recall, answer, hint, ["k + 1", "any(", "cdist"])


def whole(real, fake):
    a, b = real.T.cov(), fake.T.cov()
    root = torch.linalg.eigvals(a @ b).real.clamp(min=0).sqrt().sum()
    return (real.mean(0) - fake.mean(0)).square().sum() + torch.trace(a + b) - 2 * root


def test_whole_covariances(refused):
    refused(check.frechet_of_independent, whole, "each feature is taken by itself")
