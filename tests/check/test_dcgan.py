"""Chapter 4's checks: right answers, typical wrong ones and the hint for each."""

import math

import pytest
import torch
from torch import nn

from ganbook.check import dcgan as check


@pytest.mark.parametrize(
    "layers",
    [
        [(7, 1, 0), (4, 2, 1), (4, 2, 1)],
        ([7, 7, 0], [2, 2, 0], [6, 2, 2]),
        [(7, 1, 0), (8, 1, 0), (15, 1, 0)],  # dear, but without a fault
        [(7, 4, 0), (4, 2, 1), (4, 2, 1)],  # one place has one stamp, whatever the stride
        torch.tensor([(7, 1, 0), (4, 2, 1), (4, 2, 1)]),
    ],
)
def test_right_sizes(said, layers):
    assert said(check.sizes, lambda: layers).startswith("Right: ")


@pytest.mark.parametrize(
    ("layers", "hint"),
    [
        ([(7, 1, 0), (3, 2, 1), (4, 2, 1)], "Layer 2 makes 13 of 7, not 14."),
        ([(7, 1, 0), (4, 2, 1), (5, 2, 1)], "Layer 3 makes 29 of 14, not 28."),
        ([(1, 1, 3), (4, 2, 1), (4, 2, 1)], "Layer 1 cannot be built or run"),
        ([(7, 1, 0), (4, 2, 1)], "list of three layers"),
        ([7, 4, 4], "Layer 1 must be three whole numbers"),
        ([(7, 1, 0), (4, 2, 1), ("4", 2, 1)], "Layer 3 cannot be built or run"),
        ([(7, 1, 0), (3, 1, 0), (4, 2, 1)], "Layer 2 makes 9 of 7, not 14."),
        ([(7, 1, 0), (1, 1, 4), (4, 2, 1)], "Layer 2 cannot be built or run"),
        ([(7, 1, 0), (6, 4, 8), (4, 2, 1)], "the stride does not divide the kernel"),
    ],
)
def test_wrong_sizes(refused, layers, hint):
    refused(check.sizes, lambda: layers, hint, ["4, 2, 1", "2, 2, 0"])


def enlarge(inputs, outputs):
    parts = [nn.Upsample(scale_factor=2), nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)]
    return [*parts, nn.BatchNorm2d(outputs), nn.ReLU()]


def smooth(latent_dim, channels, width, last=nn.Tanh, inner=enlarge, bottom=4):
    w = width
    start = [nn.ConvTranspose2d(latent_dim, 4 * w, bottom, bias=False), nn.BatchNorm2d(4 * w)]
    end = [nn.Upsample(scale_factor=2), nn.Conv2d(w, channels, 3, padding=1), last()]
    return nn.Sequential(*start, nn.ReLU(), *inner(4 * w, 2 * w), *inner(2 * w, w), *end)


def stamps(inputs, outputs):
    layer = nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False)
    return [layer, nn.BatchNorm2d(outputs), nn.ReLU()]


def bare(inputs, outputs):
    return [nn.Upsample(scale_factor=2), nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]


def wide(inputs, outputs):
    parts = [nn.Upsample(scale_factor=2), nn.Conv2d(inputs, outputs, 5, padding=2)]
    return [*parts, nn.BatchNorm2d(outputs), nn.ReLU()]


class Deaf(nn.Module):
    """It does not listen to its latents."""

    def __init__(self, *numbers):
        super().__init__()
        self.inner = smooth(*numbers)

    def forward(self, z):
        return self.inner(torch.zeros_like(z))


def bilinear(inputs, outputs):
    rest = enlarge(inputs, outputs)[1:]
    return [nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False), *rest]


def with_another(activation):
    def inner(inputs, outputs):
        return [*enlarge(inputs, outputs)[:-1], activation]

    return inner


def normalised(latent_dim, channels, width):
    layers = list(smooth(latent_dim, channels, width))
    return nn.Sequential(*layers[:-1], nn.BatchNorm2d(channels), layers[-1])


def narrow(latent_dim, channels, width):
    w = width
    inner = [*enlarge(4 * w, w), *enlarge(w, w)]
    return nn.Sequential(
        *smooth(latent_dim, channels, width)[:3], *inner, *smooth(1, channels, w)[-3:]
    )


class InSteps(nn.Module):
    """It calls its activations as functions."""

    def __init__(self, *numbers):
        super().__init__()
        self.layers = nn.ModuleList(
            layer
            for layer in smooth(*numbers)
            if not isinstance(layer, nn.ReLU | nn.Tanh | nn.Upsample)
        )

    def forward(self, x):
        *hidden, last = self.layers
        for conv, norm in zip(hidden[::2], hidden[1::2]):
            x = nn.functional.interpolate(norm(conv(x)).relu(), scale_factor=2)
        return last(x).tanh()


def test_activations_may_be_functions(said):
    assert said(check.smooth_generator, InSteps).startswith("Right: ")


@pytest.mark.parametrize("inner", [enlarge, bilinear])
def test_right_generators(said, inner):
    answer = lambda *numbers: smooth(*numbers, inner=inner)  # noqa: E731
    assert said(check.smooth_generator, answer).startswith("Right: ")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda *n: smooth(*n, bottom=8), "become (8, 1, 64, 64)"),
        (lambda z, c, w: smooth(z, 1, w), "become (8, 1, 32, 32), and (8, 3, 32, 32)"),
        (lambda *n: smooth(*n, inner=stamps), "3 layers are transposed convolutions"),
        (lambda *n: smooth(*n, last=nn.Identity), "leave [-1, 1]"),
        (lambda *n: smooth(*n, last=nn.Sigmoid), "never negative"),
        (lambda *n: smooth(*n, inner=bare), "normalise the maps"),
        (lambda *n: smooth(*n, inner=wide), "parameters, no fewer"),
        (lambda *n: smooth(*n, inner=with_another(nn.LeakyReLU(0.2))), "passes on negative"),
        (lambda *n: smooth(*n, inner=with_another(nn.Identity())), "passes on negative"),
        (lambda *n: smooth(*n, last=nn.Hardtanh), "another function for the output"),
        (normalised, "The image itself is normalised"),
        (narrow, "have 128, 32, 1 channels; 128, 64, 32, 1 are wanted"),
        (Deaf, "All latents give the same image."),
        (lambda *n: [smooth(*n)], "yours is list"),
        (lambda z, c, w: nn.Linear(z, c), "`Linear` stopped with RuntimeError"),
    ],
)
def test_wrong_generators(refused, answer, hint):
    refused(check.smooth_generator, answer, hint, ["Tanh", "tanh", "BatchNorm", "ReLU"])


def right_half_life(beta, batch):
    return batch * math.log(2) / -math.log(beta)


@pytest.mark.parametrize(
    "answer",
    [right_half_life, lambda b, n: torch.tensor(-n / math.log2(b)), lambda b, n: -n / math.log2(b)],
)
def test_right_half_lives(said, answer):
    assert said(check.half_life, answer).startswith("Right: ")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda b, n: -1 / math.log2(b), "half-life in steps"),
        (lambda b, n: -1 / math.log2(b) / n, "longer, not shorter"),
        (lambda b, n: n / math.log2(b), "log β is negative"),
        (lambda b, n: -n / math.log(b), "1/e is left"),
        (lambda b, n: n / (1 - b), "mean age"),
        (lambda b, n: 100 * n, "is too large"),
        (lambda b, n: math.ceil(-1 / math.log2(b)) * n, "without rounding"),
        (lambda b, n: torch.ones(3), "must be one number"),
        (lambda b, n: "long", "must be a number, and yours is of type str"),
        (lambda b, n: math.nan, "is NaN"),
        (lambda b: b, "`<lambda>` stopped with TypeError"),
    ],
)
def test_wrong_half_lives(refused, answer, hint):
    refused(check.half_life, answer, hint, ["log(2)", "log2", "-batch", "ln 2", "177"])


@pytest.mark.parametrize("name", ["sizes", "smooth_generator", "half_life"])
def test_missing_and_broken(neither_missing_nor_broken, name):
    neither_missing_nor_broken(getattr(check, name))
