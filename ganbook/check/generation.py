"""Checks of chapter 2: the price of a code in nats, and the haze around a pasted object."""

from collections.abc import Callable

import torch

from ganbook.check.values import finite, parts, same, tensor
from ganbook.check.verdict import call, verdict


def kl_nats(function: Callable) -> None:
    """Check exercise 1, ``function(mean, std) -> nats``, all of one shape.

    Checked: the KL divergence of N(mean, std²) from N(0, 1) for each coordinate alone, in nats;
    0 for a standard normal; finite for small and large standard deviations.
    """
    with verdict("the price of every coordinate is right, and a standard normal costs nothing."):
        mean = torch.tensor([[1.0, 0.0, 0.0], [-2.0, 0.5, 3.0]])
        std = torch.tensor([[1.0, 2.0, 0.1], [0.5, 1.5, 1.0]])
        log = std.square().log()
        right = (mean.square() + std.square() - 1 - log) / 2
        reverse = ((1 + mean.square()) / std.square() - 1 + log) / 2
        slips = [
            (right.sum(), "You add all coordinates up. Here each one is asked for alone."),
            (right.mean(), "You average over the coordinates. Here each one is asked for alone."),
            (right.sum(1), "You add a row's coordinates up. Here each one is asked for alone."),
            (2 * right, "Every value is twice too large: is a half missing?"),
            (
                (mean.square() + std.square() - 1 - std.log()) / 2,
                "Close: look at the logarithm. Is it of σ or of σ²?",
            ),
            (
                (mean.square() + std - 1 - std.log()) / 2,
                "It seems that your code takes σ for the variance.",
            ),
            (
                (mean.square() + std.square() - log) / 2,
                "A standard normal must cost nothing. Yours charges the same half nat too much "
                "everywhere.",
            ),
            (
                (mean.square() + std.square() - 1 + log) / 2,
                "One sign is wrong: is a narrow region cheaper or dearer than a wide one?",
            ),
            (right / torch.tensor(2.0).log(), "Those are bits. Nats use the natural logarithm."),
            (reverse, "That is the divergence the other way round, of the prior from the code."),
        ]
        same(call(function, mean, std), right, "the KL term", slips)
        zero = call(function, torch.zeros(4), torch.ones(4))
        same(zero, torch.zeros(4), "the price of a standard normal")
        extreme = tensor(call(function, torch.zeros(2), torch.tensor([1e-6, 1e4])), "the KL term")
        finite(extreme, "for σ of a millionth and of ten thousand, the KL term")


def pasted(function: Callable) -> None:
    """Check exercise 3, ``function(alpha, hair, wall, sky) -> (hazy, right)``.

    Checked: both colours of a pixel in front of a new background; ``hazy`` takes the photo's
    colour for the foreground, ``right`` the foreground's own.
    """
    with verdict("both colours are right; their difference is the haze."):
        cases = [(0.5, 0.1, 0.9, 0.0), (0.25, 0.2, 0.6, 1.0), (0.8, 0.9, 0.1, 0.3)]
        for alpha, hair, wall, sky in cases:
            found = parts(call(function, alpha, hair, wall, sky), ["hazy", "right"])
            photo = alpha * hair + (1 - alpha) * wall
            hazy, right = (alpha * f + (1 - alpha) * sky for f in (photo, hair))
            where = f"for alpha {alpha}, hair {hair}, wall {wall} and sky {sky}"
            same(
                found[1],
                right,
                f"the right colour ({where})",
                [
                    (hazy, "The two values are swapped: the second is to be without haze."),
                    (photo, "Your second value shows the old background. What stands behind now?"),
                    (alpha * hair, "Behind a half-transparent hair one sees the new background."),
                    ((1 - alpha) * hair + alpha * sky, "Which one does α belong to?"),
                ],
            )
            same(
                found[0],
                hazy,
                f"the hazy colour ({where})",
                [
                    (
                        photo,
                        "Your first value is the photo's own colour. It is still to be pasted.",
                    ),
                    (alpha * photo, "Your first value leaves out what shines through from behind."),
                    ((1 - alpha) * photo + alpha * sky, "Which one does α belong to?"),
                    (right, "Your first value is without haze: it knows the hair's own colour."),
                ],
            )
