"""Chapter 5's checks: right answers, typical wrong ones and the hint for each."""

import math

import pytest
import torch
from torch.nn.functional import relu, softplus

from ganbook.check import stable as check


def right_lid(s):
    return math.log((1 - s) / s)


def by_descent(s):
    logit = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([logit], lr=4.0)
    for _ in range(100):
        optimizer.zero_grad()
        ((1 - s) * softplus(-logit) + s * softplus(logit)).sum().backward()
        optimizer.step()
    return logit


@pytest.mark.parametrize("answer", [right_lid, by_descent, lambda s: torch.tensor(1 - s).logit()])
def test_right_lid(said, answer):
    assert said(check.lid, answer).startswith("Right: ")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda s: 1 - s, "That is D itself"),
        (lambda s: -right_lid(s), "There D would be s."),
        (lambda s: (1 - s) / s, "Those are the odds."),
        (lambda s: -math.log(s), "That is −log s."),
        (lambda s: math.log(1 - s), "That is log D."),
        (lambda s: math.log10((1 - s) / s), "natural logarithm"),
        (lambda s: math.log2((1 - s) / s), "natural logarithm"),
        (lambda s: right_lid(0.1), "for s = 0.25 is too large: your function gives 2.197"),
    ],
)
def test_wrong_lid(refused, answer, hint):
    refused(check.lid, answer.__call__, hint, ["log((", "log(1 - s)", "logit of 1"])


def penalty(
    critic,
    real,
    fake,
    epsilon,
    length=lambda g: g.flatten(1).norm(dim=1),
    cost=lambda norms: relu(norms - 1).square().mean(),
    graph=True,
    detach=True,
    view=(-1, 1, 1, 1),
):
    fake = fake.detach() if detach else fake
    share = epsilon.view(view)
    between = (share * real + (1 - share) * fake).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=graph)
    return cost(length(gradient))


def with_(**changes):
    return lambda *arguments: penalty(*arguments, **changes)


def rooted(g, offset=0.0):
    return (g.flatten(1).square().sum(1) + offset).sqrt()


@pytest.mark.parametrize(
    "answer",
    [
        penalty,
        with_(length=lambda g: rooted(g, 1e-12)),
        with_(cost=lambda n: (n.clamp(min=1) - 1).square().mean()),
        with_(cost=lambda n: torch.where(n > 1, (n - 1) ** 2, 0 * n).mean()),
    ],
)
def test_right_penalty(said, answer):
    assert said(check.one_sided_penalty, answer).startswith("Right: ")


def at_real(critic, real, fake, epsilon):
    return penalty(critic, real, real, epsilon)


def at_fake(critic, real, fake, epsilon):
    return penalty(critic, fake, fake, epsilon, detach=False)


def swapped(critic, real, fake, epsilon):
    return penalty(critic, fake.detach(), real, epsilon)


def to_a_number(*arguments):
    return penalty(*arguments).item()


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (with_(graph=False), "to autograd it is a constant"),
        (lambda *a: penalty(*a).detach(), "to autograd it is a constant"),
        (with_(detach=False), "sends a gradient back to the fakes"),
        (with_(cost=lambda n: (n - 1).square().mean()), "A slope below 1 is punished, too"),
        (with_(cost=lambda n: relu(1 - n).square().mean()), "critics that are too flat"),
        (with_(cost=lambda n: relu(n - 1).mean()), "is to be squared"),
        (with_(cost=lambda n: relu(n.mean() - 1).square()), "mean is taken too early"),
        (with_(cost=lambda n: relu(n - 1).square()), "one for each sample"),
        (with_(cost=lambda n: relu(n - 1).square().sum()), "add up over the batch"),
        (with_(cost=lambda n: n.square().mean()), "Up to 1 none should cost anything"),
        (with_(length=lambda g: g.norm()), "for the whole batch"),
        (with_(length=lambda g: g.norm(dim=1)), "over its channels"),
        (with_(length=lambda g: g.abs().flatten(1).sum(1)), "sum of absolute values"),
        (with_(view=(-1,)), "stopped, in the line"),
        (swapped, "ε is the share of the real image"),
        (at_real, "at the real images"),
        (with_(length=rooted), "has no derivative at 0?"),
        (to_a_number, "must be a tensor, and yours is of type float"),
    ],
)
def test_wrong_penalty(refused, answer, hint):
    refused(check.one_sided_penalty, answer, hint, ["create_graph", ".detach", "flatten", "relu("])


def right_seeds(level, questions):
    n = 1
    while 2 / math.comb(2 * n, n) > level / questions:
        n += 1
    return n


@pytest.mark.parametrize("answer", [right_seeds, lambda *v: torch.tensor([right_seeds(*v)])])
def test_right_seeds(said, answer):
    assert said(check.seeds_needed, answer).startswith("Right: ")


def one_sided(level, questions):
    return next(n for n in range(1, 50) if 1 / math.comb(2 * n, n) <= level / questions)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda level, questions: right_seeds(level, 1), "What did Bonferroni say?"),
        (lambda *v: right_seeds(*v) - 1, "still above the level"),
        (lambda *v: right_seeds(*v) + 1, "Fewer will do."),
        (lambda *v: 2 * right_seeds(*v), "both recipes' seeds together"),
        (one_sided, "count one direction only"),
        (lambda *v: math.comb(2 * right_seeds(*v), right_seeds(*v)), "number of ways to deal"),
        (lambda *v: 30, "for level 0.02 and 1 question is too large"),
    ],
)
def test_wrong_seeds(refused, answer, hint):
    refused(check.seeds_needed, answer, hint, ["math.comb", "level /", "five", "six"])


@pytest.mark.parametrize("name", ["lid", "one_sided_penalty", "seeds_needed"])
def test_missing_and_broken(neither_missing_nor_broken, name):
    neither_missing_nor_broken(getattr(check, name))


def freezing(critic, *others):
    critic.requires_grad_(False)
    return penalty(critic, *others)


def detaching(critic, real, fake, epsilon):
    return penalty(critic, real, fake.detach_(), epsilon)


def sent_back(*arguments):
    found = penalty(*arguments)
    found.backward(retain_graph=True)
    return found


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (freezing, "frozen than before"),
        (detaching, "switches gradients on or off"),
        (sent_back, "calls `backward` itself"),
        (with_(length=lambda g: g.norm(dim=(2, 3))), "The penalty is too"),
        (with_(length=lambda g: g.norm(dim=1)), "for each pixel"),
    ],
)
def test_penalties_that_do_more_or_less(refused, answer, hint):
    refused(check.one_sided_penalty, answer, hint)
