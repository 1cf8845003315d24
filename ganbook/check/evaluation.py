"""Checks of chapter 10: the Inception Score, a Fréchet distance, and precision and recall."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ganbook.check.values import number, parts, same
from ganbook.check.verdict import Hint, call, verdict


def class_score(function: Callable) -> None:
    """Check exercise 1, ``function(p) -> score`` of a classifier's answers (N, K).

    Checked: answers with and without zeros, more images than classes and the other way round.
    """
    with verdict("it is the number of classes that are told apart."):
        for p in (
            torch.rand(7, 4).pow(2) + 0.01,
            torch.tensor([[1.0, 0, 0], [0.5, 0.5, 0], [0, 0.25, 0.75], [0, 0, 1]]),
            torch.tensor([[1.0, 0, 0, 0], [0.5, 0.5, 0, 0]]),
        ):
            p = (p / p.sum(dim=1, keepdim=True)).double()
            found = call(function, p)
            marginal = p.mean(dim=0)
            if isinstance(found, Tensor | float) and torch.as_tensor(found).isnan().any():
                if (marginal == 0).any():
                    raise Hint(
                        "Nearly: here a class never occurs, so its mean is 0, too, and 0 / 0 is no "
                        "number. The logarithm of a quotient can be written without a quotient."
                    )
                if (p == 0).any():
                    raise Hint(
                        "Nearly: some answers are exactly 0, and 0 log 0 counts as 0. The computer "
                        "does not know that; `torch.xlogy` does."
                    )
            information = divergence(p, marginal).mean()
            answers, mean_answer = entropy(p).mean(), entropy(marginal)
            same(
                found,
                information.exp().item(),
                "the score",
                [
                    (
                        information,
                        "That is the mean divergence. One more function, and it counts classes.",
                    ),
                    (
                        (-information).exp(),
                        "It is below 1. The sign of the divergence, or numerator and denominator "
                        "in the logarithm?",
                    ),
                    (
                        divergence(p, marginal).sum().exp(),
                        "You add up the images. A score should not grow with their number.",
                    ),
                    (
                        (divergence(p, marginal).mean() / p.shape[1]).exp(),
                        "A mean over images and classes. Over which of them is a divergence a sum?",
                    ),
                    (
                        divergence(p, marginal).exp().mean(),
                        "Mean and exponential are in the other order.",
                    ),
                    (
                        (information / math.log(2)).exp(),
                        "The logarithm and the exponential have different bases.",
                    ),
                    (
                        mean_answer.exp(),
                        "That sees whether the classes are even, and not whether "
                        "each answer is sure.",
                    ),
                    (
                        (-answers).exp(),
                        "That sees whether each answer is sure, and not whether "
                        "the classes are even.",
                    ),
                    (
                        answers.exp(),
                        "That sees how unsure each answer is, and not whether the "
                        "classes are even.",
                    ),
                    (
                        (mean_answer + answers).exp(),
                        "Both uncertainties are there. Should a score grow with both?",
                    ),
                    (
                        divergence(marginal, p).mean().exp(),
                        "A divergence has an order: from what, to what?",
                    ),
                    (
                        divergence(p, p.mean(dim=1, keepdim=True)).mean().exp(),
                        "You averaged each image's answer over the classes, which is 1 / K for "
                        "all. Over what is the mean answer a mean?",
                    ),
                ],
            )


def divergence(p: Tensor, q: Tensor) -> Tensor:
    """Return KL(p ‖ q) of each row, (N,); 0 log 0 counts as 0."""
    return torch.xlogy(p, p / q).nan_to_num().sum(dim=1)


def entropy(p: Tensor) -> Tensor:
    """Return the entropy over the last dimension."""
    return -torch.xlogy(p, p).sum(dim=-1)


def frechet_of_independent(function: Callable) -> None:
    """Check exercise 2, ``function(real, fake) -> distance`` of features (N, D) and (M, D).

    The features are independent, so each is a Gaussian of its own. Checked: moved clouds, stretched
    ones, both. Deviations may be divided by N or by N - 1.
    """
    with verdict("means and deviations, added over the features."):
        wide = torch.randn(400, 3) * torch.tensor([1.0, 0.5, 2.0])
        other = torch.randn(300, 3) * torch.tensor([3.0, 0.1, 2.5])
        other[:, 1] += 0.5 * other[:, 0]  # so that the whole covariance gives another distance
        for real, fake in (
            (wide, wide + torch.tensor([3.0, 4.0, 0.0])),
            (wide, 3 * (wide - wide.mean(dim=0)) + wide.mean(dim=0)),
            (wide, other + torch.tensor([-1.0, 2.0, 0.5])),
        ):
            apart = real.mean(dim=0) - fake.mean(dim=0)
            spread = real.std(dim=0) - fake.std(dim=0)
            variances = real.var(dim=0) - fake.var(dim=0)
            right = (apart.square() + spread.square()).sum()
            moved, stretched = (values.abs().max() > 1e-4 for values in (apart, spread))
            slips = [
                (right.sqrt(), "A root too many: FID and its relatives are squared distances."),
                (
                    (apart.square() + spread.square()).mean(),
                    "You average over the features. The distance in three dimensions, from the "
                    "distances along each: what did Pythagoras do?",
                ),
                (
                    apart.square().sum() + variances.square().sum(),
                    "You compare variances. Look at the formula in one dimension again.",
                ),
                (
                    apart.square().sum() + variances.abs().sum(),
                    "You compare variances. Look at the formula in one dimension again.",
                ),
                (
                    apart.abs().sum() + spread.abs().sum(),
                    "You add distances, and the formula adds their squares.",
                ),
                (
                    apart.abs().sum() + spread.square().sum(),
                    "The means' differences are not squared.",
                ),
                (
                    apart.sum().square() + spread.sum().square(),
                    "You add up the features before you square: differences of opposite sign "
                    "cancel.",
                ),
                (
                    (real.mean() - fake.mean()).square() + (real.std() - fake.std()).square(),
                    "You take one mean and one deviation of all features together. Each feature "
                    "has its own.",
                ),
                (
                    apart.square().sum() + (real.var(dim=0) + fake.var(dim=0)).sum(),
                    "The spreads are added up; even two equal clouds would be far apart.",
                ),
            ]
            covariances = real.T.cov() @ fake.T.cov()
            root = torch.linalg.eigvals(covariances).real.clamp(min=0).sqrt().sum()
            whole = apart.square().sum() + (real.var(dim=0) + fake.var(dim=0)).sum() - 2 * root
            slips.append(
                (
                    whole,
                    "That is the distance for the whole covariances. Here each feature is taken "
                    "by itself.",
                )
            )
            if moved:
                slips.append(
                    (spread.square().sum(), "Your distance does not see that a cloud has moved.")
                )
            if stretched:
                slips.append(
                    (
                        apart.square().sum(),
                        "Your distance does not see that a cloud is wider than the other.",
                    )
                )
            same(call(function, real, fake), right.item(), "the distance", slips, tolerance=0.01)


def precision_and_recall(function: Callable) -> None:
    """Check exercise 4, ``function(real, fake, k) -> (precision, recall)``.

    ``real`` (N, D) and ``fake`` (M, D) are features. Checked: k = 1 and 3, N and M unequal.
    """
    with verdict("each is a share of one set in the region of the other."):
        real = torch.cat([torch.randn(100, 2), 0.15 * torch.randn(60, 2) + 2])
        fake = torch.cat([0.6 * torch.randn(70, 2) + 0.5, 0.5 * torch.randn(30, 2) + 3])
        for k in (3, 1):
            found = parts(call(function, real, fake, k), ("precision", "recall"))
            precision, recall = (number(v, n) for v, n in zip(found, ("precision", "recall")))
            right = share(fake, real, k), share(real, fake, k)
            if max(abs(precision - right[1]), abs(recall - right[0])) < 1e-4:
                raise Hint("Precision and recall are exchanged. Which one speaks about the fakes?")
            for value, about, around, name in (
                (precision, fake, real, "precision"),
                (recall, real, fake, "recall"),
            ):
                inside = torch.cdist(about, around) <= reach(around, k)
                same(
                    value,
                    share(about, around, k).item(),
                    f"the {name} with k = {k}",
                    [
                        (
                            share(about, around, k - 1),
                            f"{name}: the balls are too small. In a list of distances from a point "
                            "to all points of its own set, who stands first?",
                        ),
                        (
                            inside.any(dim=0).double().mean(),
                            f"{name}: you count the balls that somebody is in. Asked are the "
                            "points that are in some ball.",
                        ),
                        (
                            inside.double().mean(),
                            f"{name}: a mean over all pairs of point and ball. One ball is enough.",
                        ),
                        (
                            inside.double().sum() / (k * len(about)),
                            f"{name}: you count in how many balls each point is. One is enough.",
                        ),
                        (
                            inside.all(dim=1).double().mean(),
                            f"{name}: must a point be in every ball?",
                        ),
                        (
                            inside.any(dim=1).sum(),
                            f"{name}: that is how many. Which share is it?",
                        ),
                        (
                            (torch.cdist(about, around) <= reach(about, k)[:, None])
                            .any(dim=1)
                            .double()
                            .mean(),
                            f"{name}: the balls stand around the wrong set.",
                        ),
                        (
                            (torch.cdist(about, around) <= mixed_reach(about, around, k))
                            .any(dim=1)
                            .double()
                            .mean(),
                            f"{name}: a ball reaches to a neighbour of its own set, not of the "
                            "other.",
                        ),
                        (
                            (torch.cdist(about, around) <= reach(around, k).mean())
                            .any(dim=1)
                            .double()
                            .mean(),
                            f"{name}: all your balls have the same radius. Where points lie "
                            "densely they should be small.",
                        ),
                    ],
                )


def reach(points: Tensor, k: int) -> Tensor:
    """Return the distance of each point to its k-th nearest other point, (N,)."""
    return torch.cdist(points, points).kthvalue(k + 1, dim=1).values


def mixed_reach(about: Tensor, around: Tensor, k: int) -> Tensor:
    """Return the distance of each point of ``around`` to its k-th nearest of ``about``."""
    return torch.cdist(around, about).kthvalue(k, dim=1).values


def share(about: Tensor, around: Tensor, k: int) -> Tensor:
    """Return the share of points that are in some ball around the others."""
    return (torch.cdist(about, around) <= reach(around, k)).any(dim=1).double().mean()
