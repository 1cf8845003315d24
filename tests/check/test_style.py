"""Chapter 9's checks: right answers, typical wrong ones and the hint for each."""

import pytest
import torch

from ganbook.check import style as check
from ganbook.style.gram import gram_matrix


def joined(of_layer, join=lambda errors: sum(errors) / len(errors)):
    """A style loss from the loss of one layer and the way layers are joined."""

    def loss(features, style_features):
        return join([of_layer(x, y) for x, y in zip(features, style_features)])

    return loss


def relative(x, y, divide_by="positions", keep=lambda gram: gram):
    mine, target = (keep(gram_matrix(f, divide_by)) for f in (x, y.detach()))
    return (mine - target).square().sum() / target.square().sum()


def with_gradient(x, y):
    mine, target = gram_matrix(x), gram_matrix(y)
    return (mine - target).square().sum() / target.square().sum()


def power(matrix, exponent):
    values, vectors = torch.linalg.eigh(matrix)
    return vectors @ torch.diag(values**exponent) @ vectors.T


def shortest_move(sigma_s, sigma_c):
    root, inverse = power(sigma_s, 0.5), power(sigma_s, -0.5)
    return inverse @ power(root @ sigma_c @ root, 0.5) @ inverse


def from_the_other_side(sigma_s, sigma_c):
    """The inverse of the shortest move back."""
    return torch.linalg.inv(shortest_move(sigma_c, sigma_s))


def adain(x, y, dims=(2, 3), deviation=torch.std, correction=1):
    def statistics(features):
        mean = features.mean(dim=dims, keepdim=True)
        spread = deviation(features, dim=dims, keepdim=True, correction=correction) + 1e-5
        return mean, spread

    (mean, spread), (new_mean, new_spread) = statistics(x), statistics(y)
    return new_spread * (x - mean) / spread + new_mean


def adain_with_knob(x, y, strength, **options):
    return strength * adain(x, y, **options) + (1 - strength) * x


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (check.whole_style_loss, joined(relative)),
        # Dividing by C as well changes both matrices by the same factor.
        (check.whole_style_loss, joined(lambda x, y: relative(x, y, "elements"))),
        (check.shortest_move, shortest_move),
        (check.shortest_move, from_the_other_side),
        (check.adain_with_knob, adain_with_knob),
        (check.adain_with_knob, lambda x, y, s: adain_with_knob(x, y, s, correction=0)),
        (check.adain_with_knob, lambda x, y, s: torch.lerp(x, adain(x, y), s)),
    ],
)
def test_right(said, exercise, answer):
    assert said(exercise, answer).startswith("Right: ")


@pytest.mark.parametrize(
    "exercise", [check.whole_style_loss, check.shortest_move, check.adain_with_knob]
)
def test_missing_or_broken(neither_missing_nor_broken, exercise):
    neither_missing_nor_broken(exercise)


def error(x, y):
    return gram_matrix(x) - gram_matrix(y.detach())


def size(x):
    return gram_matrix(x).square().sum().detach()


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (joined(with_gradient), "A target is a constant."),
        (joined(lambda x, y: relative(x, y, "nothing")), "not divided"),
        (joined(relative, sum), "more layers should not mean a larger loss"),
        (joined(lambda x, y: error(x, y).square().sum()), "not relative"),
        (joined(lambda x, y: error(x, y).square().mean()), "not relative"),
        (joined(lambda x, y: error(x, y).square().sum() / size(x)), "which moves"),
        (joined(lambda x, y: relative(x, y).sqrt()), "A root too many"),
        (joined(lambda x, y: error(x, y).abs().sum() / gram_matrix(y).abs().sum()), "absolute"),
        (
            joined(lambda x, y: relative(x, y, keep=lambda gram: gram.diagonal(0, 1, 2))),
            "Only the diagonals",
        ),
        (joined(lambda x, y: error(x, y).square().sum() / size(y).sqrt()), "not squared"),
        (joined(relative, lambda errors: errors[-1]), "the last layer only"),
        (joined(relative, lambda errors: errors[0]), "the first layer only"),
        (joined(relative, torch.stack), "shape (2,)"),
        (joined(lambda x, y: relative(x.detach(), y)), "carries no gradient"),
        (lambda x, y: relative(x[0].detach(), y[0]) / 2 + relative(x[1], y[1]) / 2, "to a layer"),
        (joined(lambda x, y: (x - y).square().mean()), "stopped"),
    ],
)
def test_wrong_style_losses(refused, answer, hint):
    refused(check.whole_style_loss, answer, hint, ["flatten", ".mT", "positions"])


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda s, c: power(c, 0.5) @ power(s, -0.5), "It solves the equation, with a mean"),
        (
            lambda s, c: torch.linalg.cholesky(c) @ torch.linalg.cholesky(s).inverse(),
            "The matrix that moves least is symmetric",
        ),
        (lambda s, c: shortest_move(c, s), "Which cloud is to move?"),
        (lambda s, c: power(s, 0.5) @ power(c, -0.5), "Which cloud is to move?"),
        (lambda s, c: -shortest_move(s, c), "its opposite"),
        (lambda s, c: c**0.5 @ s**-0.5, "no numbers"),
        (lambda s, c: c.abs().sqrt() @ s.inverse().abs().sqrt(), "a root of the whole matrix"),
        (lambda s, c: power(power(s, 0.5) @ c @ power(s, 0.5), 0.5), "the middle root alone"),
        (lambda s, c: power(s, 0.5) @ c @ power(s, 0.5), "under the middle root"),
        (
            lambda s, c: power(power(s, -0.5) @ c @ power(s, -0.5), 0.5),
            "Look at the exponents",
        ),
        (
            lambda s, c: (
                power(s, 0.5) @ power(power(s, 0.5) @ c @ power(s, 0.5), 0.5) @ power(s, 0.5)
            ),
            "wrong sign in their exponent",
        ),
        (lambda s, c: c @ s.inverse(), "is wrong by up to"),
        (lambda s, c: c, "Is the root in the middle missing?"),
        (lambda s, c: shortest_move(s, c).diagonal(), "shape (3,)"),
    ],
)
def test_wrong_moves(refused, answer, hint):
    refused(check.shortest_move, answer, hint, ["Σ_S^", "0.5)", "-0.5"])


def at_strength(full):
    return lambda x, y, s: s * full(x, y) + (1 - s) * x


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda x, y, s: adain(x, y), "At strength 0.25 it does as much as at 1."),
        (lambda x, y, s: adain_with_knob(x, y, 1 - s), "At strength 1 it changes nothing."),
        (lambda x, y, s: s * adain(x, y), "What takes the place of the rest?"),
        (lambda x, y, s: x, "changes nothing"),
        (lambda x, y, s: adain_with_knob(y, x[:1], s), "Whose places"),
        (at_strength(lambda x, y: adain(x, y, (0, 2, 3))), "Each image"),
        (at_strength(lambda x, y: adain(x, y, (1, 2, 3))), "Each channel"),
        (at_strength(lambda x, y: adain(x, y, deviation=torch.var)), "a variance"),
        (at_strength(lambda x, y: adain(x, y) - y.mean((2, 3), True)), "do not arrive"),
        (
            at_strength(lambda x, y: adain(x, x) - x.mean((2, 3), True) + y.mean((2, 3), True)),
            "what about the deviations",
        ),
        (
            at_strength(lambda x, y: (x - x.mean((2, 3), True)) / x.std((2, 3), keepdim=True)),
            "take the style's statistics",
        ),
        (
            at_strength(
                lambda x, y: (
                    y.std((2, 3), keepdim=True) * x / x.std((2, 3), keepdim=True)
                    + y.mean((2, 3), True)
                )
            ),
            "The content's own means",
        ),
        (
            at_strength(
                lambda x, y: (
                    y.std((2, 3), keepdim=True)
                    * (x - x.mean((2, 3), True))
                    / x.std((2, 3), keepdim=True)
                    + y.mean((2, 3), True)
                )
            ),
            "never answers",
        ),
    ],
)
def test_wrong_adain(refused, answer, hint):
    refused(check.adain_with_knob, answer, hint, ["1 - s", "std", "epsilon", "1e-5"])


def test_a_complex_matrix(refused):
    def answer(sigma_s, sigma_c):
        return shortest_move(sigma_s, sigma_c).to(torch.complex128)

    refused(check.shortest_move, answer, "A is complex")


@pytest.mark.parametrize("change", [torch.Tensor.detach_, lambda y: y.requires_grad_(False)])
def test_the_style_is_the_callers(refused, change):
    def answer(features, style_features):
        return joined(relative)(features, [change(y) for y in style_features])

    refused(check.whole_style_loss, answer, "switches gradients on or off")
