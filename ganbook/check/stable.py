"""Checks of chapter 5: a lid on the logit, a one-sided gradient penalty, how many seeds."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from ganbook.check.learning import expect_no_backward, gradients, no_gradient
from ganbook.check.values import number, same, tensor
from ganbook.check.verdict import Hint, call, verdict


def lid(function: Callable) -> None:
    """Check exercise 1, ``function(smoothing) -> logit``.

    Checked: the logit at which the discriminator's smoothed loss on real samples is smallest.
    """
    with verdict("there the smoothed loss is smallest: the discriminator dares no more."):
        for s in (0.1, 0.25, 0.4):
            right = math.log(1 - s) - math.log(s)
            slips = [
                (1 - s, "That is D itself, a probability. Which logit has it as its sigmoid?"),
                (-right, "There D would be s. The sign is wrong."),
                ((1 - s) / s, "Those are the odds. A logit is one step further."),
                (-math.log(s), "That is −log s. What happened to the other term?"),
                (math.log(1 - s), "That is log D. A logit compares D with 1 − D."),
                (math.log10((1 - s) / s), "Use the natural logarithm, as the sigmoid does."),
                (math.log2((1 - s) / s), "Use the natural logarithm, as the sigmoid does."),
            ]
            same(call(function, s), right, f"the logit for s = {s}", slips, tolerance=1e-3)


class _Critic(nn.Module):
    """A smooth critic ``(N, C, H, W)`` to ``(N,)``, steeper than 1 at some images, not at all."""

    def __init__(self, pixels: int, steepness: float):
        super().__init__()
        self.first, self.last = nn.Linear(pixels, 16), nn.Linear(16, 1)
        nn.init.normal_(self.first.weight, std=0.2)
        nn.init.normal_(self.last.weight, std=steepness)

    def forward(self, images: Tensor) -> Tensor:
        return self.last(self.first(images.flatten(1)).tanh()).squeeze(1)


def one_sided_penalty(function: Callable) -> None:
    """Check exercise 2, ``function(critic, real, fake, epsilon) -> penalty``.

    ``real`` and ``fake`` are ``(N, C, H, W)``, ``epsilon`` is ``(N,)``. Checked: the value; that
    the critic's weights learn from it and the fakes do not; no NaN for a critic that is flat.
    """
    with verdict("the value and the gradients are right, and a flat critic costs nothing."):
        critic = _Critic(12, 2.0)
        images = torch.randn(8, 3, 2, 2)
        fake, epsilon = torch.randn(8, 3, 2, 2, requires_grad=True), torch.rand(8)
        with torch.no_grad():  # some slopes above 1, also within a pixel, and some below
            images, factors = 3 * images, torch.linspace(0.1, 3, 8).view(-1, 1, 1, 1)
            images, fake = images * factors, (fake * factors).requires_grad_()
            lengths = slope(critic, images, fake.detach(), epsilon).flatten(1).norm(dim=1)
            critic.last.weight /= lengths.quantile(0.3)
        found = call(function, critic, images, fake, epsilon)
        expect_no_backward(critic)
        slopes, swapped = (slope(critic, images, fake.detach(), e) for e in (epsilon, 1 - epsilon))
        norms = slopes.flatten(1).norm(dim=1)
        right = relu(norms - 1).square().mean()
        whole = slopes.norm()
        slips = [
            ((norms - 1).square().mean(), "A slope below 1 is punished, too: that is two-sided."),
            (relu(1 - norms).square().mean(), "Your penalty is for critics that are too flat."),
            (relu(norms - 1).mean(), "The part above 1 is to be squared."),
            (
                relu(norms.mean() - 1).square(),
                "The mean is taken too early: each sample has its own slope and its own penalty.",
            ),
            (relu(norms - 1).square(), "One number is wanted, and you return one for each sample."),
            (relu(norms - 1).square().sum(), "You add up over the batch. The mean is wanted."),
            (
                relu(norms.square() - 1).mean(),
                "You compare the squared length with 1. Is a root missing, and a square after it?",
            ),
            (norms.square().mean(), "You punish every slope. Up to 1 none should cost anything."),
            (
                relu(whole - 1).square(),
                "One length is taken for the whole batch. How many "
                "dimensions of the gradient belong to one sample?",
            ),
            (
                relu(slopes.norm(dim=1) - 1).square().mean(),
                "The length is taken for each pixel, over its channels. All numbers of a sample "
                "belong to one gradient.",
            ),
            (
                relu(slopes.abs().flatten(1).sum(1) - 1).square().mean(),
                "That length is a sum of "
                "absolute values. The root of the sum of squares is wanted.",
            ),
            (
                relu(swapped.flatten(1).norm(dim=1) - 1).square().mean(),
                "ε is the share of the real image; you give it to the fake one.",
            ),
            *(
                (
                    relu(slope(critic, there, there, epsilon).flatten(1).norm(dim=1) - 1)
                    .square()
                    .mean(),
                    f"You measure the slope at the {name} images, not between the two.",
                )
                for name, there in (("real", images), ("fake", fake.detach()))
            ),
        ]
        same(found, right, "the penalty", slips)
        if not tensor(found, "the penalty").requires_grad:
            raise Hint(
                "The value is right, but nothing can be learned from it: to autograd it is a "
                "constant. What keeps the graph of a gradient?"
            )
        no_gradient(found, [fake], "The penalty sends a gradient back to the fakes. What cuts it?")
        weights = [p for name, p in critic.named_parameters() if name != "last.bias"]
        wanted = torch.autograd.grad(right, weights)
        for got, want in zip(gradients(found, weights, "the penalty", "the critic"), wanted):
            same(got, want, "the gradient of the penalty to the critic's weights")
        dead = _Critic(12, 0.0)
        nn.init.zeros_(dead.first.weight)
        found = call(function, dead, images, fake, epsilon)
        same(found, torch.tensor(0.0), "the penalty of a flat critic")
        for got in gradients(found, list(dead.parameters())[:1], "the penalty", "the critic"):
            if not torch.isfinite(got).all():
                raise Hint(
                    "A critic that is flat, as some are at the start, gets NaN for gradients. "
                    "Which of your steps has no derivative at 0?"
                )


def slope(critic: nn.Module, real: Tensor, fake: Tensor, epsilon: Tensor) -> Tensor:
    """Return the critic's gradient between real and fake ``(N, C, H, W)``, with its graph."""
    share = epsilon.view(-1, 1, 1, 1)
    with torch.enable_grad():
        between = (share * real + (1 - share) * fake).requires_grad_()
        return torch.autograd.grad(critic(between).sum(), between, create_graph=True)[0]


def seeds_needed(function: Callable) -> None:
    """Check exercise 4, ``function(level, questions) -> n``.

    Checked: the least n with 2 / C(2n, n) at most level / questions.
    """
    with verdict("with so many seeds a recipe, such a verdict can be reached at all."):
        for level, questions in ((0.02, 1), (0.05, 17), (0.05, 1), (0.1, 1), (0.01, 100)):

            def least(limit: float, sides: int = 2) -> int:
                return next(n for n in range(1, 40) if sides / math.comb(2 * n, n) <= limit)

            right = least(level / questions)
            found = number(call(function, level, questions), "the number of seeds")
            where = f"for level {level} and {questions} question{'s' * (questions > 1)}"
            slips = [
                (least(level), "You allow each question the whole level. What did Bonferroni say?"),
                (2 * right, "That is both recipes' seeds together. How many for each?"),
                (
                    right - 1,
                    "With so few the smallest answer is still above the level. Does your code "
                    "count one direction only, or stop a step early?",
                ),
                (
                    least(level / questions, 1),
                    "Does your code count one direction only? Either recipe may be the better.",
                ),
                (
                    right + 1,
                    "Fewer will do. Is exactly reaching the level allowed, and where does "
                    "your search start?",
                ),
                (math.comb(2 * right, right), "That is the number of ways to deal the runs out."),
            ]
            same(found, right, f"the number of seeds {where}", slips)
