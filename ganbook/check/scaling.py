"""Checks of chapter 12: Amdahl's law backwards, gradients in parts, and what a ring sends."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ganbook.check.values import number, same, tensor
from ganbook.check.verdict import Hint, call, verdict


def factor_of_the_rest(function: Callable) -> None:
    """Check exercise 1, ``function(unchanged, overall) -> factor``.

    A share of the time is unchanged and everything became ``overall`` times as fast; the factor is
    that of the rest. Checked: usual values, no speed-up, a slower part.
    """
    with verdict("put into Amdahl's law, it gives back what was measured."):
        for unchanged, overall in ((0.1, 6.0), (0.5, 1.6), (0.25, 1.0), (0.2, 0.5)):
            found = number(call(function, unchanged, overall), "the factor")
            factor = (1 - unchanged) / (1 / overall - unchanged)
            case = f"unchanged {unchanged:g}, overall {overall:g}"
            slips = [
                (
                    1 / (unchanged + (1 - unchanged) / overall),
                    f"For {case}, you go forward: that is what everything would gain if the rest "
                    "became that fast. The gain is known, and the rest is asked for.",
                ),
                (
                    unchanged / (1 / overall - (1 - unchanged)),
                    f"For {case}, which share became faster?",
                ),
                (
                    1 / (1 / overall - unchanged),
                    f"For {case}, the rest's new time is right. How long did it take before?",
                ),
                (1 / factor, f"For {case}, that is new time by old time; turn it over."),
                (
                    overall / (1 - unchanged),
                    f"For {case}, a gain is not shared out like that. Write the times before and "
                    "after, and subtract what stayed.",
                ),
                (
                    (overall - unchanged) / (1 - unchanged),
                    f"For {case}, factors do not average. Times add; write them down.",
                ),
                (1 / unchanged, f"For {case}, that is the limit, for an infinitely fast rest."),
                (
                    (1 - unchanged) * overall,
                    f"For {case}, times add and factors do not. Write the time before and after.",
                ),
            ]
            known = any(
                abs(found - value) <= 1e-4 * abs(value) for value, _ in [(factor, ""), *slips]
            )
            if not known and found <= 0:
                raise Hint(f"For {case}, you say {found:.4g}. A factor of speed is positive.")
            if not known:
                gain = 1 / (unchanged + (1 - unchanged) / found)
                raise Hint(
                    f"For {case}, you say {found:.4g}. By Amdahl's law everything would then be "
                    f"{gain:.3g} times as fast."
                )
            same(found, factor, "the factor", slips)


class Counted(nn.Module):
    """A network of two weights that notes the batches which go through it.

    ``sizes`` are their sizes; ``graphs`` says how many batches wait for their backward pass, and
    ``most`` how many waited at once.
    """

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.5, -0.25]))
        self.sizes: list[int] = []
        self.graphs = self.most = 0

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, 1)."""
        self.sizes.append(len(x))
        logits = x * self.weight[0] + self.weight[1]
        if logits.requires_grad:
            self.graphs += 1
            self.most = max(self.most, self.graphs)
            logits.register_hook(self.done)
        return logits

    def done(self, _: Tensor) -> None:
        """Note that a backward pass has come through."""
        self.graphs -= 1


def accumulate(function: Callable) -> None:
    """Check exercise 2, ``function(network, loss_of, parts) -> loss``.

    Checked, with parts of unequal size and old gradients left over: the gradients are those of the
    mean over all images, each part goes through alone and there and back, and the loss returned is
    that mean.
    """
    with verdict("the parts together are one large batch."):
        network = Counted()
        parts = list(torch.randn(10, 1).split([4, 4, 2]))
        whole = torch.cat(parts)

        def loss_of(logits):
            return nn.functional.softplus(logits).mean()

        def slope(x, weight=1.0):
            (gradient,) = torch.autograd.grad(weight * loss_of(network(x)), network.parameters())
            return gradient

        alone = [slope(part) for part in parts]
        right, mean = slope(whole), loss_of(network(whole))
        old = torch.tensor([3.0, -5.0])
        network.weight.grad, before = old.clone(), network.weight.detach().clone()
        network.sizes.clear()
        network.graphs = network.most = 0
        found = call(function, network, loss_of, parts)
        if not torch.equal(network.weight, before):
            raise Hint("The weights have moved. Only gradients are asked for; no step yet.")
        gradient = network.weight.grad
        if gradient is None:
            raise Hint("No gradient is left in the network. Is the last call a `zero_grad`?")
        if not gradient.any():
            raise Hint(
                "The gradients left in the network are all 0. What is called after `backward`?"
            )
        if max(network.sizes, default=0) > 4:
            raise Hint(
                f"A batch of {max(network.sizes)} went through the network, and there is memory "
                "for one part only."
            )
        if network.most > 1:
            raise Hint(
                f"The graphs of {network.most} batches are alive at once, and there is memory for "
                "one part only. What frees a part's graph before the next part comes?"
            )
        unequal = "The parts are of 4, 4 and 2 images. A mean of their means "
        same(
            gradient,
            right,
            "the gradient",
            [
                (
                    sum(alone),
                    "The parts' gradients add up, so all of it is too large. What is the "
                    "mean over the whole batch, from the means of its parts?",
                ),
                (
                    sum(alone) / 3,
                    unequal + "gives an image of the small one twice the say.",
                ),
                (
                    sum(alone) / 10,
                    "Divided by the number of images; but each part's loss is a "
                    "mean over that part already.",
                ),
                (alone[-1], "Only the last part is left. Who cleared the others?"),
                (alone[-1] / 3, "Only the last part is left. Who cleared the others?"),
                (alone[-1] / 5, "Only the last part is left. Who cleared the others?"),
                (alone[0], "Only the first part's gradient is there."),
                (right + old, "What an earlier step left is still in the gradients."),
                (sum(alone) + old, "What an earlier step left is still in the gradients."),
                (sum(alone) / 3 + old, "What an earlier step left is still in the gradients."),
                (
                    4 * alone[0] + 4 * alone[1] + 2 * alone[2],
                    "Each part counts with its images, but then everything is too large by the "
                    "number of all.",
                ),
            ],
        )
        each = [loss_of(network(part)).item() for part in parts]
        same(
            found,
            mean.item(),
            "the loss returned",
            [
                (sum(each), "The gradients are right. The loss returned is the sum of the parts'."),
                (sum(each) / 3, "The gradients are right. " + unequal + "is not the loss of all."),
                (each[-1], "The gradients are right. The loss returned is the last part's only."),
                (each[-1] / 5, "The gradients are right. The loss returned is the last part's."),
            ],
        )
        if isinstance(found, Tensor) and tensor(found).requires_grad:
            raise Hint(
                "Gradients and loss are right. But the loss returned still hangs on the graph, "
                "and whoever keeps it keeps that alive."
            )


def bytes_sent(function: Callable) -> None:
    """Check exercise 3, ``function(numbers, processes, bytes_each) -> bytes``.

    What one process sends in a ring all-reduce. Checked: 1 to 6 processes, 2 to 8 bytes.
    """
    with verdict("a little less than twice the vector, however many take part."):
        for numbers, count, width in ((60, 6, 8), (1000, 2, 2), (3_000_000, 4, 4), (24, 1, 4)):
            whole = numbers * width
            case = f"For {numbers:,} numbers of {width} bytes in {count} processes:"
            rounds = (count - 1) * whole / count
            same(
                call(function, numbers, count, width),
                2 * rounds,
                f"the number of bytes ({numbers:,} numbers of {width} bytes, {count} processes)",
                [
                    (rounds, f"{case} you stop when every piece is complete somewhere. And then?"),
                    (2 * rounds / width, f"{case} you count numbers. How many bytes is that?"),
                    (16 * rounds, f"{case} you count bits."),
                    (
                        2 * rounds * count,
                        f"{case} that is what all send together. If you meant one: the vector is "
                        "cut into pieces, and how long is one of them?",
                    ),
                    (
                        (count - 1) * whole,
                        f"{case} everyone sends everything to everyone else. How long is the "
                        "piece that goes round in a ring?",
                    ),
                    (
                        2 * whole,
                        f"{case} you give the limit for many processes. How many rounds are there?",
                    ),
                    (
                        (2 * count - 1) * whole / count,
                        f"{case} one round too many: after how many has a piece been everywhere?",
                    ),
                    (whole, f"{case} each sends its vector once. Is that enough for all?"),
                    (
                        2 * whole / count,
                        f"{case} that is one piece, twice. How many rounds are there?",
                    ),
                ],
                tolerance=1e-5,
            )
