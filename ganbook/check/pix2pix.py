"""Checks of chapter 7: medians and means, receptive fields, and pix2pix's two losses."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from operator import mul

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ganbook.check.learning import expect_no_backward, gradients, no_gradient
from ganbook.check.line import Line
from ganbook.check.values import number, parts, same, tensor
from ganbook.check.verdict import Hint, call, verdict


def best_answers(function: Callable) -> None:
    """Check exercise 1, ``function(y) -> (l1, l2)``: the best single answers to ``y`` (N,).

    Checked: any median and the mean, also of numbers out of order; N odd and even.
    """
    with verdict("L1 goes to the middle of the answers, L2 to their centre of gravity."):
        for values in ([0.9, 0.3, -0.8, 1.0, -0.9], [1.0, -1.0, 0.5, -1.0], [-1, 0.6, -1, 0.2, 1]):
            y = torch.tensor(values)
            ordered, mean = y.sort().values, y.mean().item()
            low, high = ordered[(len(y) - 1) // 2].item(), ordered[len(y) // 2].item()
            l1, l2 = parts(call(function, y), ("l1", "l2"))
            l1, l2 = number(l1, "your L1 answer"), number(l2, "your L2 answer")
            if abs(l1 - mean) < 1e-5 and low <= l2 <= high:
                raise Hint("The two are exchanged. Which loss minds one far answer more?")
            balanced = low - 1e-3 <= l1 <= high + 1e-3  # a search on a grid will do
            where = f"for the right answers {values},"
            same(
                low if balanced else l1,
                low,
                "your L1 answer",
                [
                    (
                        mean,
                        f"{where} your L1 answer balances distances. But |a − y| has the same "
                        "slope however far away y is. What does it balance?",
                    ),
                    (
                        y[len(y) // 2],
                        f"{where} your L1 answer is the one in the middle of the list. What if "
                        "the list is not in order?",
                    ),
                    (
                        y.mode().values,
                        f"{where} your L1 answer is the most frequent one. Move it a little: "
                        "does the loss not fall?",
                    ),
                    (
                        (y.min() + y.max()) / 2,
                        f"{where} your L1 answer minds the outermost two. The others pull, too.",
                    ),
                    (
                        (y - high).abs().mean(),
                        f"{where} you return the smallest L1 loss. Asked is the answer at which "
                        "it is reached.",
                    ),
                    (
                        l1,
                        f"{where} {int((y < l1).sum())} lie below your L1 answer {l1:.3f} and "
                        f"{int((y > l1).sum())} above. Which way does that push it?",
                    ),
                ],
            )
            same(
                l2,
                mean,
                "your L2 answer",
                [
                    (
                        ordered[len(y) // 2],
                        f"{where} your L2 answer would stay if the largest moved far away. Set "
                        "the derivative of the squared distances to zero.",
                    ),
                    (y.sum(), f"{where} your L2 answer is their sum. Is it even among them?"),
                    (
                        y.var(correction=0),
                        f"{where} you return the smallest L2 loss. Asked is the answer at which "
                        "it is reached.",
                    ),
                    (
                        l2,
                        f"{where} the L2 loss has the slope {2 * (l2 - mean):.3f} at your L2 "
                        "answer. Which slope has it where it is lowest?",
                    ),
                ],
                tolerance=0.01,
            )


def patch_side(function: Callable) -> None:
    """Check exercise 2, ``function(convolutions) -> side``.

    ``convolutions`` are pairs ``(kernel, stride)`` from the image to the output. Checked: layers
    of 1 × 1, of unequal kernels and strides, and of a PatchGAN.
    """
    with verdict("it is the patch that one output sees."):
        for layers in ([(1, 1)] * 3, [(3, 1), (7, 2), (4, 3)], [(4, 2)] * 2 + [(4, 1)] * 2):
            kernels, strides = zip(*layers)
            jumps = list(accumulate(strides, mul))
            same(
                call(function, list(layers)),
                walk(layers[::-1]),
                f"the side for the (kernel, stride) pairs {layers}",
                [
                    (
                        walk(layers),
                        "You walk from the image to the output. The question starts at one output: "
                        "through which layer's window does it look first?",
                    ),
                    (
                        1 + sum(kernels) - len(layers),
                        "The strides are not used. Two neighbours behind a layer of stride 2 look "
                        "through windows that lie how far apart?",
                    ),
                    (
                        walk(layers[::-1], gaps=0),
                        "Nearly. r neighbours behind a layer have r windows: how many steps is it "
                        "from the first window to the last?",
                    ),
                    (walk(layers[::-1], 0), "Nearly. How many outputs does the walk start with?"),
                    (
                        1 + sum((k - 1) * jump for k, jump in zip(kernels, jumps)),
                        "Nearly. A layer's stride moves its own windows apart. Does it also spread "
                        "the inputs inside one of them?",
                    ),
                    (sum(kernels), "Windows overlap, so kernels do not just add up."),
                    (
                        jumps[-1],
                        "That is how many times smaller the output is than the image, not how much "
                        "one output sees.",
                    ),
                ],
            )


def walk(layers: Sequence[tuple[int, int]], side: int = 1, gaps: int = 1) -> int:
    """Return the side that windows opened through the layers, in the order given, reach."""
    for kernel, stride in layers:
        side = stride * (side - gaps) + kernel
    return side


class Pairs(nn.Module):
    """A discriminator of pairs, two times (N, 1, H, W) to logits (N, 1, H / 2, W / 2)."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.5, -1.5, 0.3]))

    def forward(self, x: Tensor, image: Tensor) -> Tensor:
        """Return the logits of a map of patches."""
        u, v, constant = self.weight
        return u * x[..., ::2, ::2] + v * image[..., 1::2, ::2] + constant


def two_losses(function: Callable) -> None:
    """Check exercise 4, ``function(generator, discriminator, x, y, weight) -> (d_loss, g_loss)``.

    Checked with λ = 0, where the game is alone, and with λ = 100: both values; the discriminator's
    loss sends nothing into the generator; every term of the generator's loss reaches the generator.
    Whether the discriminator is frozen in the generator's loss is left open.
    """
    with verdict("values and gradients are those of pix2pix."):
        generator, judge = Line(0.7, -0.2), Pairs()
        x, y = 2 * torch.rand(2, 3, 1, 4, 4) - 1
        for weight in (0.0, 100.0):
            found = call(function, generator, judge, x, y, weight)
            expect_no_backward(generator, judge)
            d_loss, g_loss = parts(found, ("d_loss", "g_loss"))
            for loss, name in ((d_loss, "`d_loss`"), (g_loss, "`g_loss`")):
                tensor(loss, name)
            fake = generator(x)
            check_discriminator(d_loss, judge, x, y, fake)
            no_gradient(
                d_loss,
                generator.parameters(),
                "`d_loss` sends a gradient into the generator. In the discriminator's turn the "
                "fake is a constant.",
            )
            gradients(d_loss, judge.parameters(), "`d_loss`", "the discriminator")
            game, distance = softplus(-judge(x, fake)).mean(), (fake - y).abs().mean()
            if weight:
                check_distance(g_loss, game, distance, x, y, fake, weight)
            else:
                check_game(g_loss, judge, x, y, fake)
            (slope,) = gradients(g_loss, generator.parameters(), "`g_loss`", "the generator")
            (right,) = torch.autograd.grad(game + weight * distance, generator.parameters())
            if not torch.allclose(slope, right, rtol=1e-4):
                raise Hint(
                    "`g_loss` has the right value, but one of its terms sends no gradient to the "
                    "generator. Which of them was made of a detached fake?"
                )


def check_discriminator(d_loss: Tensor, judge: Pairs, x: Tensor, y: Tensor, fake: Tensor) -> None:
    """Compare the discriminator's loss with what it should be and with what it often is."""
    real_logits, fake_logits = judge(x, y), judge(x, fake)
    real, made = softplus(-real_logits).mean(), softplus(fake_logits).mean()
    exchanged = softplus(-judge(y, x)).mean() + softplus(judge(fake, x)).mean()
    wrong_way = softplus(real_logits).mean() + softplus(-fake_logits).mean()
    same(
        d_loss,
        (real + made) / 2,
        "`d_loss`",
        [
            (
                wrong_way / 2,
                "`d_loss` asks the discriminator to call real pairs fake, and fakes real.",
            ),
            (
                wrong_way,
                "`d_loss` asks the discriminator to call real pairs fake, and fakes real. And "
                "pix2pix slows it down.",
            ),
            (
                real + made,
                "`d_loss` has the right terms, but pix2pix slows the discriminator down.",
            ),
            (
                (real + made) * real_logits.numel() / 2,
                "`d_loss` is a sum over the logits. It should not grow with the map.",
            ),
            (-(real + made) / 2, "`d_loss` has the wrong sign: an optimizer makes a loss small."),
            (
                softplus(-fake_logits).mean(),
                "`d_loss` is the generator's. Are the two exchanged?",
            ),
            (real, "`d_loss` has no fakes in it."),
            (real / 2, "`d_loss` has no fakes in it; look at its other half."),
            (made, "`d_loss` has no real pairs in it."),
            (made / 2, "`d_loss` has no real pairs in it; look at its other half."),
            (
                exchanged / 2,
                "In the discriminator's pairs, input and image stand in each other's place.",
            ),
            (
                (real + softplus(judge(y, fake)).mean()) / 2,
                "`d_loss` shows the discriminator the wanted output as a fake's input. It should "
                "judge whether an image fits its input.",
            ),
        ],
    )


def check_game(g_loss: Tensor, judge: Pairs, x: Tensor, y: Tensor, fake: Tensor) -> None:
    """Compare the generator's loss with λ = 0, the game alone."""
    logits, distance = judge(x, fake), (fake - y).abs().mean()
    game, toward_fake = softplus(-logits).mean(), softplus(logits).mean()
    same(
        g_loss,
        game,
        "`g_loss` with λ = 0",
        [
            (
                torch.zeros(()),
                "With λ = 0 nothing is left of `g_loss`. Which term should λ not touch?",
            ),
            (
                game + distance,
                "With λ = 0 the distance from the wanted output is still in `g_loss`. Where is "
                "its weight?",
            ),
            (distance, "With λ = 0 the game is gone and the distance stays: λ is misplaced."),
            (
                toward_fake,
                "In `g_loss` the generator asks to be called fake. Which logit does it want?",
            ),
            (
                -toward_fake,
                "`g_loss` plays the game as the value has it, with hardly a gradient where a fake "
                "is recognised. Chapter 3 has the cure.",
            ),
            (softplus(-judge(x, y)).mean(), "`g_loss` reads the logits of the real pair."),
            (
                softplus(-judge(fake, x)).mean(),
                "In the pair of `g_loss`, input and image stand in each other's place.",
            ),
            (
                softplus(-judge(y, fake)).mean(),
                "`g_loss` shows the discriminator the wanted output as the fake's input.",
            ),
            (game / 2, "`g_loss` halves the game. That was for the other network."),
            (game * logits.numel(), "`g_loss` adds up the logits. It should not grow with them."),
            (-game, "`g_loss` has the wrong sign: an optimizer makes a loss small."),
        ],
    )


def check_distance(
    g_loss: Tensor,
    game: Tensor,
    distance: Tensor,
    x: Tensor,
    y: Tensor,
    fake: Tensor,
    weight: float,
) -> None:
    """Compare the generator's loss with λ > 0, when its game is known to be right."""
    same(
        g_loss,
        game + weight * distance,
        f"`g_loss` with λ = {weight:g}",
        [
            (game, "`g_loss` is the game alone. It lacks the distance from the wanted output."),
            (
                game + weight * (fake - y).square().mean(),
                "`g_loss` has the distance whose best answer is the mean.",
            ),
            (
                game + weight * distance * y.numel(),
                "`g_loss` adds up the pixels' distances, so that λ means something else for every "
                "image size.",
            ),
            (
                game + weight * distance * y[0].numel(),
                "`g_loss` adds up an image's distances, so that λ means something else for every "
                "image size.",
            ),
            (
                game + weight * (fake - x).abs().mean(),
                "`g_loss` takes the distance from the input. From which image should it be?",
            ),
            (
                game + weight * (fake - y).mean().abs(),
                "`g_loss` lets distances of opposite sign cancel: mean and absolute value are in "
                "the other order.",
            ),
            (game - weight * distance, "`g_loss` rewards the distance: a sign is wrong."),
        ],
    )
