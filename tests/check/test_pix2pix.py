"""Chapter 7's checks: right answers, typical wrong ones and the hint for each."""

import pytest
import torch
from torch.nn import functional as F

from ganbook.check import pix2pix as check


def best_answers(y):
    return y.median(), y.mean()


def upper_median(y):
    return y.sort().values[len(y) // 2].item(), sum(y.tolist()) / len(y)


def patch_side(convolutions):
    side = 1
    for kernel, stride in reversed(convolutions):
        side = stride * (side - 1) + kernel
    return side


def with_jumps(convolutions):
    """Forward, with the distance of neighbours: another way to the same number."""
    side, jump = 1, 1
    for kernel, stride in convolutions:
        side, jump = side + (kernel - 1) * jump, jump * stride
    return side


def bce(logits, target):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def d_loss(G, D, x, y):
    return (bce(D(x, y), 1.0) + bce(D(x, G(x).detach()), 0.0)) / 2


def g_loss(G, D, x, y, weight):
    return bce(D(x, G(x)), 1.0) + weight * F.l1_loss(G(x), y)


def two_losses(G, D, x, y, weight):
    return d_loss(G, D, x, y), g_loss(G, D, x, y, weight)


def frozen_judge(G, D, x, y, weight):
    """The discriminator's parameters get no gradient from the generator's loss."""
    d = d_loss(G, D, x, y)
    D.requires_grad_(False)
    g = g_loss(G, D, x, y, weight)
    D.requires_grad_(True)
    return [d, g]


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (check.best_answers, best_answers),
        (check.best_answers, upper_median),
        (check.patch_side, patch_side),
        (check.patch_side, with_jumps),
        (check.two_losses, two_losses),
        (check.two_losses, frozen_judge),
    ],
)
def test_right(said, exercise, answer):
    assert said(exercise, answer).startswith("Right: ")


@pytest.mark.parametrize("exercise", [check.best_answers, check.patch_side, check.two_losses])
def test_missing_or_broken(neither_missing_nor_broken, exercise):
    neither_missing_nor_broken(exercise)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda y: (y.mean(), y.median()), "exchanged"),
        (lambda y: (y.mean(), y.mean()), "L1 answer balances distances"),
        (lambda y: (y.median(), y.median()), "L2 answer would stay if the largest moved"),
        (lambda y: (y[len(y) // 2], y.mean()), "not in order"),
        (lambda y: ((y.min() + y.max()) / 2, y.mean()), "outermost two"),
        (lambda y: (y.mode().values, y.mean()), "most frequent"),
        (lambda y: ((y - y.median()).abs().mean(), y.mean()), "the smallest L1 loss"),
        (lambda y: (y.median(), y.var(correction=0)), "the smallest L2 loss"),
        (lambda y: (y.median(), y.sum()), "their sum"),
        (lambda y: (-0.85, y.mean()), "1 lie below your L1 answer -0.850 and 4 above"),
        (lambda y: (y.median(), 0.0), "slope -0.200"),
        (lambda y: y.mean(), "Return 2 values (l1, l2)"),
        (lambda y: (y, y), "must be one number"),
    ],
)
def test_wrong_best_answers(refused, answer, hint):
    refused(check.best_answers, answer, hint, ["median", "mean of"])


def walk(layers, start=1, gaps=1):
    side = start
    for kernel, stride in layers:
        side = stride * (side - gaps) + kernel
    return side


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (walk, "from the image to the output"),
        (lambda c: 1 + sum(k - 1 for k, _ in c), "strides are not used"),
        (lambda c: walk(c[::-1], gaps=0), "how many steps"),
        (lambda c: walk(c[::-1], start=0), "How many outputs"),
        (lambda c: sum(k for k, _ in c), "Windows overlap"),
        (lambda c: torch.tensor([s for _, s in c]).prod(), "smaller the output"),
        (lambda c: 17, "too large"),
        (lambda c: c, "must be a number"),
    ],
)
def test_wrong_sides(refused, answer, hint):
    refused(check.patch_side, answer, hint, ["34", "15", "r - 1"])


def wrong_d(loss):
    return lambda G, D, x, y, weight: (loss(G, D, x, y), g_loss(G, D, x, y, weight))


@pytest.mark.parametrize(
    ("loss", "hint"),
    [
        (lambda G, D, x, y: (bce(D(x, y), 1.0) + bce(D(x, G(x)), 0.0)) / 2, "a constant"),
        (lambda G, D, x, y: 2 * d_loss(G, D, x, y), "slows the discriminator down"),
        (lambda G, D, x, y: -d_loss(G, D, x, y), "wrong sign"),
        (lambda G, D, x, y: 12 * d_loss(G, D, x, y), "a sum over the logits"),
        (
            lambda G, D, x, y: (bce(D(x, y), 0.0) + bce(D(x, G(x).detach()), 1.0)) / 2,
            "call real pairs fake",
        ),
        (
            lambda G, D, x, y: bce(D(x, y), 0.0) + bce(D(x, G(x).detach()), 1.0),
            "call real pairs fake",
        ),
        (lambda G, D, x, y: bce(D(x, y), 1.0), "no fakes"),
        (lambda G, D, x, y: bce(D(x, G(x).detach()), 0.0) / 2, "no real pairs"),
        (
            lambda G, D, x, y: (bce(D(y, x), 1.0) + bce(D(G(x).detach(), x), 0.0)) / 2,
            "each other's place",
        ),
        (
            lambda G, D, x, y: (bce(D(x, y), 1.0) + bce(D(y, G(x).detach()), 0.0)) / 2,
            "a fake's input",
        ),
        (lambda G, D, x, y: d_loss(G, D, x, y).item(), "must be a tensor"),
        (lambda G, D, x, y: d_loss(G, D, x, y).detach(), "carries no gradient"),
        (lambda G, D, x, y: d_loss(G, D, x, y) + 0.3, "too large"),
        (lambda G, D, x, y: F.softplus(-D(x, y)), "shape"),
    ],
)
def test_wrong_discriminator_losses(refused, loss, hint):
    refused(check.two_losses, wrong_d(loss), hint, ["/ 2", "softplus"])


def wrong_g(loss):
    return lambda G, D, x, y, weight: (d_loss(G, D, x, y), loss(G, D, x, y, weight))


@pytest.mark.parametrize(
    ("loss", "hint"),
    [
        (lambda G, D, x, y, w: bce(D(x, G(x)), 1.0), "lacks the distance"),
        (lambda G, D, x, y, w: g_loss(G, D, x, y, 1.0), "Where is its weight?"),
        (lambda G, D, x, y, w: w * bce(D(x, G(x)), 1.0) + F.l1_loss(G(x), y), "λ is misplaced"),
        (lambda G, D, x, y, w: w * g_loss(G, D, x, y, 1.0), "Which term should λ not touch?"),
        (lambda G, D, x, y, w: w * F.l1_loss(G(x), y), "Which term should λ not touch?"),
        (lambda G, D, x, y, w: bce(D(x, G(x)), 1.0) + w * F.mse_loss(G(x), y), "is the mean"),
        (
            lambda G, D, x, y, w: bce(D(x, G(x)), 1.0) + w * (G(x) - y).abs().sum(),
            "adds up the pixels",
        ),
        (lambda G, D, x, y, w: bce(D(x, G(x)), 0.0) + w * F.l1_loss(G(x), y), "called fake"),
        (
            lambda G, D, x, y, w: F.logsigmoid(-D(x, G(x))).mean() + w * F.l1_loss(G(x), y),
            "Chapter 3 has the cure",
        ),
        (
            lambda G, D, x, y, w: bce(D(x, G(x)), 1.0) + w * F.l1_loss(G(x), x),
            "from the input",
        ),
        (lambda G, D, x, y, w: bce(D(x, y), 1.0) + w * F.l1_loss(G(x), y), "the real pair"),
        (
            lambda G, D, x, y, w: bce(D(G(x), x), 1.0) + w * F.l1_loss(G(x), y),
            "each other's place",
        ),
        (lambda G, D, x, y, w: bce(D(x, G(x)), 1.0) / 2 + w * F.l1_loss(G(x), y), "halves"),
        (
            lambda G, D, x, y, w: bce(D(x, G(x).detach()), 1.0) + w * F.l1_loss(G(x), y),
            "one of its terms",
        ),
        (
            lambda G, D, x, y, w: bce(D(x, G(x).detach()), 1.0) + w * F.l1_loss(G(x).detach(), y),
            "no gradient to the generator",
        ),
    ],
)
def test_wrong_generator_losses(refused, loss, hint):
    refused(check.two_losses, wrong_g(loss), hint, ["softplus", "abs()"])


def search(y):
    grid = torch.linspace(-1, 1, 20_001)
    far = grid[:, None] - y
    return grid[far.abs().mean(dim=1).argmin()], grid[far.square().mean(dim=1).argmin()]


def test_a_search_on_a_grid_is_right(said):
    assert said(check.best_answers, search).startswith("Right: ")


def emptying(convolutions):
    side = 1
    while convolutions:
        kernel, stride = convolutions.pop()
        side = stride * (side - 1) + kernel
    return side


def test_the_list_of_layers_is_kept(refused):
    refused(check.patch_side, emptying, "changes a list that it was given")


def exchanged(*arguments):
    return two_losses(*arguments)[::-1]


def sent_back(*arguments):
    losses = two_losses(*arguments)
    for loss in losses:
        loss.backward(retain_graph=True)
    return losses


def without_generator(G, *others):
    G.requires_grad_(False)
    return two_losses(G, *others)


def evaluated(G, *others):
    G.eval()
    return two_losses(G, *others)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (exchanged, "Are the two exchanged?"),
        (sent_back, "calls `backward` itself"),
        (without_generator, "frozen than before"),
        (evaluated, "another mode"),
    ],
)
def test_losses_that_do_more(refused, answer, hint):
    refused(check.two_losses, answer, hint)
