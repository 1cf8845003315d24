"""Checks of chapter 9: the style loss, the shortest move of colours, and AdaIN with a knob."""

from collections.abc import Callable

import torch
from torch import Tensor

from ganbook.check.learning import gradients, no_gradient
from ganbook.check.values import close, same, tensor
from ganbook.check.verdict import Hint, call, verdict


def whole_style_loss(function: Callable) -> None:
    """Check exercise 1, ``function(features, style_features) -> loss``.

    Both are lists of layers (1, C, H, W), those of the style picture of another size. Checked: the
    value for layers of unequal size and scale, its gradient, and that the target is a constant.
    """
    with verdict("it does not depend on the pictures' size, and the painting stays a constant."):
        sides = ((3, 6, 8, 5, 4, 1.0), (5, 3, 3, 6, 2, 30.0))
        layers = [scale * torch.rand(1, c, h, w) for c, h, w, _, _, scale in sides]
        style = [scale * torch.rand(1, c, h, w) for c, _, _, h, w, scale in sides]
        for one in layers + style:
            one.requires_grad_()
        loss = tensor(call(function, layers, style), "the style loss")
        pairs = list(zip(layers, style))

        def joined(of_layer, join=lambda values: sum(values) / len(values)):
            return join([of_layer(gram(x), gram(y)) for x, y in pairs])

        def undivided(x, y):
            mine, wanted = gram(x) * places(x), gram(y) * places(y)
            return relative(mine, wanted)

        def squares(mine, wanted):
            return (mine - wanted).square().sum()

        def relative(mine, wanted):
            return squares(mine, wanted) / wanted.square().sum()

        same(
            loss,
            joined(relative),
            "the style loss",
            [
                (
                    sum(undivided(x, y) for x, y in pairs) / len(pairs),
                    "The Gram matrices are not divided. The two pictures differ in size: which "
                    "part of your loss is their difference of size?",
                ),
                (
                    joined(relative, sum),
                    "The layers are right, but more layers should not mean a larger loss.",
                ),
                (
                    joined(squares),
                    "The errors are not relative. One layer's activations are thirty times as "
                    "large as the other's: which of them does your loss hear?",
                ),
                (
                    joined(lambda mine, wanted: (mine - wanted).square().mean()),
                    "The errors are not relative. One layer's activations are thirty times as "
                    "large as the other's: which of them does your loss hear?",
                ),
                (
                    joined(lambda mine, wanted: squares(mine, wanted) / mine.square().sum()),
                    "The errors are relative to the picture's own Gram matrix, which moves. "
                    "Relative to what is fixed?",
                ),
                (
                    joined(lambda mine, wanted: relative(mine, wanted).sqrt()),
                    "A root too many: the loss is made of squared errors.",
                ),
                (
                    joined(lambda mine, wanted: (mine - wanted).abs().sum() / wanted.abs().sum()),
                    "These are absolute differences. The loss of the chapter squares them.",
                ),
                (
                    joined(lambda mine, wanted: relative(mine.diagonal(), wanted.diagonal())),
                    "Only the diagonals are compared: how strong each channel is, and not which "
                    "channels answer together.",
                ),
                (
                    relative(gram(layers[0]), gram(style[0])),
                    "That is the error of the first layer only.",
                ),
                (
                    relative(gram(layers[1]), gram(style[1])),
                    "That is the error of the last layer only.",
                ),
                (
                    joined(lambda mine, wanted: squares(mine, wanted) / wanted.norm()),
                    "The squared error is divided by a length that is not squared.",
                ),
            ],
        )
        no_gradient(
            loss,
            style,
            "The value is right, but the loss sends a gradient into the style picture's features. "
            "A target is a constant.",
        )
        for mine, right in zip(
            gradients(loss, layers, "the style loss", "a layer of the picture"),
            torch.autograd.grad(joined(relative), layers),
        ):
            if not close(mine, right, 1e-3):
                raise Hint("The value is right, but the gradient is not: what was detached?")


def places(features: Tensor) -> int:
    """Return the number of positions of features (1, C, H, W)."""
    return features.shape[2] * features.shape[3]


def gram(features: Tensor) -> Tensor:
    """Return the mean over positions of products of channels, (C, C), of features (1, C, H, W)."""
    columns = features[0].flatten(1)
    return columns @ columns.T / columns.shape[1]


def power(matrix: Tensor, exponent: float) -> Tensor:
    """Return a power of a symmetric matrix with positive eigenvalues."""
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values**exponent) @ vectors.T


def shortest_move(function: Callable) -> None:
    """Check exercise 3, ``function(sigma_s, sigma_c) -> A``, all (D, D).

    Checked, for D = 3 and 5: A solves the equation, and of all that do it moves least.
    """
    with verdict("it solves the equation, and no other matrix moves the colours less."):
        for size in (3, 5):
            draw = torch.randn(2, size, size, dtype=torch.float64)
            sigma_s, sigma_c = draw @ draw.mT / size + 0.1 * torch.eye(size).double()
            A = tensor(call(function, sigma_s, sigma_c), "A")
            if A.is_complex():
                raise Hint(
                    "A is complex, and it moves real colours. A covariance is symmetric, so its "
                    "eigenvalues are real; `torch.linalg.eigh` knows that."
                )
            A = A.double()
            half, inverse = power(sigma_s, 0.5), power(sigma_s, -0.5)
            best = inverse @ power(half @ sigma_c @ half, 0.5) @ inverse
            slips = [
                (
                    torch.linalg.inv(best),
                    "Your A moves the content's colours to the style's. Which cloud is to move?",
                ),
                (
                    power(sigma_s, 0.5) @ power(sigma_c, -0.5),
                    "Your A moves the content's colours to the style's. Which cloud is to move?",
                ),
                (half @ sigma_c @ half, "That is what stands under the middle root."),
                (power(half @ sigma_c @ half, 0.5), "That is the middle root alone."),
                (
                    inverse @ half @ sigma_c @ half @ inverse,
                    "That is Σ_C again. Is the root in the middle missing?",
                ),
                (
                    half @ power(half @ sigma_c @ half, 0.5) @ half,
                    "The outer factors have the wrong sign in their exponent.",
                ),
                (
                    power(inverse @ sigma_c @ inverse, 0.5),
                    "Look at the exponents of the style's covariance under and outside the root.",
                ),
                (-best, "It solves the equation, and turns every colour into its opposite."),
            ]
            if A.shape == best.shape and not torch.isfinite(A).all():
                raise Hint(
                    "A has entries that are no numbers: a root was taken of something negative. "
                    "Is each root that of a whole symmetric matrix, and not of its entries?"
                )
            if A.shape == best.shape and not close(A, best, 1e-3):
                check_equation(A, best, sigma_s, sigma_c, slips)
            same(A, best, "A", slips, tolerance=1e-3)


def check_equation(A: Tensor, best: Tensor, sigma_s: Tensor, sigma_c: Tensor, slips) -> None:
    """Raise the hint for a matrix that solves the equation another way, or misses it."""
    for slip, hint in slips:
        if close(A, slip, 1e-3):
            raise Hint(hint)
    error = (A @ sigma_s @ A.T - sigma_c).abs().max().item()
    if error > 1e-3:
        raise Hint(
            "A Σ_S Aᵀ should be Σ_C, and yours is wrong by up to "
            f"{error:.3f}. Is each root a root of the whole matrix, and not of its entries?"
        )
    moves = [torch.trace(sigma_s + sigma_c - 2 * B @ sigma_s).item() for B in (A, best)]
    raise Hint(
        f"It solves the equation, with a mean squared move of {moves[0]:.3f}; {moves[1]:.3f} is "
        "possible. The matrix that moves least is symmetric: is yours?"
    )


def adain_with_knob(function: Callable) -> None:
    """Check exercise 5, ``function(x, y, strength) -> features``, of the shape of ``x``.

    ``x`` are content features (N, C, H, W), ``y`` style features (1, C, h, w). Checked: strengths
    0, 1 and between, images and channels of unequal mean and spread, a channel that never answers.
    """
    with verdict("the style's means and deviations, as much of them as was asked."):
        scale = torch.tensor([1.0, 0.2, 3.0]).view(1, 3, 1, 1)
        x = scale * torch.randn(2, 3, 16, 12) + torch.tensor([1.0, -2.0]).view(2, 1, 1, 1)
        y = torch.randn(1, 3, 9, 11) / scale + torch.tensor([4.0, 0.5, -1.0]).view(1, 3, 1, 1)
        for strength in (1.0, 0.25, 0.0):
            found = call(function, x, y, strength)
            full = moved(x, y, (2, 3))
            spread = x.std(dim=(2, 3), keepdim=True), y.std(dim=(2, 3), keepdim=True)
            centre = x.mean(dim=(2, 3), keepdim=True), y.mean(dim=(2, 3), keepdim=True)
            mistakes = [
                (moved(x, y, (0, 2, 3)), "Each image of the content has statistics of its own."),
                (
                    moved(x, y, (1, 2, 3)),
                    "Each channel has statistics of its own; yours are of all channels together.",
                ),
                (
                    (x - centre[0]) / spread[0],
                    "The features are normalised, and then? They should take the style's "
                    "statistics.",
                ),
                (
                    spread[1] * (x - centre[0]) / spread[0],
                    "The means of the style do not arrive.",
                ),
                (
                    (x - centre[0]) / spread[0] + centre[1],
                    "The deviations of the style do not arrive.",
                ),
                (
                    spread[1] * x / spread[0] + centre[1],
                    "The content's own means are still in there, stretched.",
                ),
                (
                    x - centre[0] + centre[1],
                    "Only the means are exchanged; what about the deviations?",
                ),
                (
                    spread[1].square() * (x - centre[0]) / spread[0].square() + centre[1],
                    "The deviations come out wrong: a variance is not a deviation.",
                ),
                (
                    spread[0] * (x - centre[0]) / spread[1] + centre[1],
                    "The two deviations stand in each other's place.",
                ),
            ]
            slips = [(strength * wrong + (1 - strength) * x, hint) for wrong, hint in mistakes]
            if strength == 1:
                slips += [
                    (moved(y, x[:1], (2, 3)), "Whose places should the result have?"),
                    (x, "At strength 1 it changes nothing."),
                ]
            else:
                slips += [
                    (full, f"At strength {strength:g} it does as much as at 1."),
                    (
                        (1 - strength) * full + strength * x,
                        f"At strength {strength:g} it does as much as it should at "
                        f"{1 - strength:g}.",
                    ),
                    (
                        strength * full,
                        f"At strength {strength:g} some of the style is there. What takes the "
                        "place of the rest?",
                    ),
                    (
                        x + strength * full,
                        f"At strength {strength:g} the style is added to the whole content. "
                        "The shares should add up to 1.",
                    ),
                ]
            wanted = strength * full + (1 - strength) * x
            same(found, wanted, f"the result at strength {strength:g}", slips, tolerance=0.01)
        silent = x.clone()
        silent[:, 1] = 0
        if not torch.isfinite(tensor(call(function, silent, y, 1.0))).all():
            raise Hint("A channel that never answers has the deviation 0, and you divide by it.")


def moved(x: Tensor, y: Tensor, over: tuple[int, ...]) -> Tensor:
    """Return x with the means and deviations of y, taken over some dimensions."""
    spread, centre = x.std(dim=over, keepdim=True), x.mean(dim=over, keepdim=True)
    return y.std(dim=over, keepdim=True) * (x - centre) / spread + y.mean(dim=over, keepdim=True)
