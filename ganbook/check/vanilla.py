"""Checks of chapter 3: the best logit, labels smoothed on both sides, extra lessons for D."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ganbook.check.learning import expect_moved, expect_no_gradients, watch, weights
from ganbook.check.values import same
from ganbook.check.verdict import call, unanswered, verdict


def optimal_logit(function: Callable) -> None:
    """Check exercise 1, ``function(real, fake) -> logits``, densities ``(N,)`` to ``(N,)``.

    Checked: the logit of the optimal discriminator; it stays finite where one density is 10⁻³⁰
    of the other, where D itself is rounded to 0 or 1.
    """
    with verdict("it is the logit of D*, and it stays exact where D* is rounded to 1."):
        real, fake = torch.tensor([0.3, 0.5, 0.02, 2.0]), torch.tensor([0.1, 0.5, 0.4, 0.5])
        right = real.log() - fake.log()
        d = real / (real + fake)
        slips = [
            (d, "That is the probability D*. Which logit belongs to it?"),
            (1 - d, "That is the probability of a fake. The logit of D* is asked for."),
            (d.log(), "That is log D*. A logit compares D* with 1 − D*."),
            (real / fake, "That is D* / (1 − D*), the odds. One step is missing."),
            (d.sigmoid(), "A sigmoid makes a probability of a logit. You need the way back."),
            (-right, "The sign is wrong: where real samples are frequent, the logit is positive."),
            (torch.log10(real / fake), "Use the natural logarithm, as the sigmoid does."),
        ]
        same(call(function, real, fake), right, "the logit", slips)
        real, fake = torch.tensor([1.0, 1e-30, 1.0]), torch.tensor([1e-30, 1.0, 1e-12])
        what = (
            "for moderate densities it is right. Where one is 10⁻³⁰ of the other, D* is rounded "
            "to 0 or 1 and cannot be turned back: the logit there"
        )
        same(call(function, real, fake), real.log() - fake.log(), what)


def smoothed_on_both_sides(function: Callable) -> None:
    """Check exercise 2, ``function(real, fake, smoothing) -> D``, ``(N,)`` densities to ``(N,)``.

    Checked: the best D for targets 1 - s on real samples and s on fakes.
    """
    with verdict("that is the best D; where only fakes are, it is s and not 0."):
        real, fake = torch.tensor([4.0, 1.0, 0.0, 0.7]), torch.tensor([1.0, 1.0, 2.0, 0.0])
        for s in (0.1, 0.25):
            d = real / (real + fake)
            slips = [
                (d, "That is D* without any smoothing."),
                ((1 - s) * d, "That is one-sided: the fakes' target is still 0."),
                (
                    s * d + (1 - s) * (1 - d),
                    "It judges the wrong way round. Which target is whose?",
                ),
                ((1 - s) * d + s, "The fakes are smoothed, the real samples are not."),
                ((1 - s) * real + s * fake, "The numerator of a fraction. What is below the bar?"),
            ]
            found = call(function, real, fake, s)
            same(found, (1 - s) * d + s * (1 - d), f"D for s = {s}", slips)


def extra_lessons(function: Callable) -> None:
    """Check exercise 5, ``function(generator, discriminator, optimizer, real, latents)``.

    ``real`` is ``(N, D)``, ``latents`` ``(k, N, Z)``: one lesson for the discriminator with each.
    Nothing need be returned. Checked: the generator rests and gets no gradient, and the
    discriminator's weights are those after k right steps.
    """
    with verdict("the discriminator had its lessons, and the generator was left alone."):
        generator, discriminator = nn.Linear(3, 2), nn.Sequential(nn.Linear(2, 8), nn.Tanh())
        discriminator.append(nn.Linear(8, 1))
        real, latents = torch.randn(16, 2) + 1, torch.randn(3, 16, 3)
        start = deepcopy(discriminator)
        optimizer = torch.optim.SGD(discriminator.parameters(), lr=0.1)
        with watch(generator=generator, discriminator=discriminator) as moved:
            call(function, generator, discriminator, optimizer, real, latents, returns=False)
        if not moved and all(p.grad is None for p in discriminator.parameters()):
            raise unanswered(function, returns=False)
        expect_no_gradients(
            "generator",
            generator,
            "Your loss sends gradients to the generator, too. What cuts the way back into it?",
        )
        expect_moved(moved, {"discriminator"})

        def after(latents: Tensor, factor: float = 1.0, clear: bool = True, sides=(1, 1)) -> Tensor:
            return weights(taught(deepcopy(start), generator, real, latents, factor, clear, sides))

        slips = [
            (after(latents[:1]), "Only one lesson was given. One is due for each set of latents."),
            (after(latents[:1].expand(3, -1, -1)), "Every lesson uses the same latents."),
            (
                after(latents, clear=False),
                "The gradients of earlier lessons are added in. What clears them?",
            ),
            (
                after(latents, -1.0),
                "The discriminator learns the wrong way round: it calls the fakes real. Look at "
                "the signs, or at the targets.",
            ),
            (
                after(latents, 0.5),
                "Each lesson is half as strong as it should be: a mean of two "
                "losses where the chapter has their sum.",
            ),
            (after(latents, sides=(1, 0)), "It learns from real samples only."),
            (after(latents, sides=(0, 1)), "It learns from fakes only."),
            (after(latents, sides=(1, -1)), "It is taught to call fakes real, too."),
        ]
        what = "the vector of the discriminator's weights after its lessons"
        same(weights(discriminator), after(latents), what, slips, tolerance=1e-5)


def taught(
    discriminator: nn.Module,
    generator: nn.Module,
    real: Tensor,
    latents: Tensor,
    factor: float,
    clear: bool,
    sides: tuple[int, int],
) -> nn.Module:
    """Return the discriminator after its lessons, which can be given wrongly in four ways."""
    optimizer = torch.optim.SGD(discriminator.parameters(), lr=0.1)
    for z in latents:
        with torch.no_grad():
            fake = generator(z)
        on_fake = softplus(sides[1] * discriminator(fake)).mean() * abs(sides[1])
        loss = softplus(-discriminator(real)).mean() * sides[0] + on_fake
        if clear:
            optimizer.zero_grad()
        (factor * loss).backward()
        optimizer.step()
    return discriminator
