"""Chapter 1's checks: right answers, typical wrong ones and the hint for each."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ganbook.check import basics as check


def right_normalise(x):
    return (x - x.mean(dim=(2, 3), keepdim=True)) / x.std(dim=(2, 3), keepdim=True)


@pytest.mark.parametrize(
    "answer",
    [
        right_normalise,
        lambda x: F.instance_norm(x),
        lambda x: nn.InstanceNorm2d(3)(x),
        lambda x: right_normalise(x.double()),
    ],
)
def test_right_normalise(said, answer):
    assert said(check.normalise, answer).startswith("Right: ")


def over(x, dims):
    return (x - x.mean(dim=dims, keepdim=True)) / x.std(dim=dims, keepdim=True)


def in_place(x):
    x -= x.mean(dim=(2, 3), keepdim=True)
    x /= x.std(dim=(2, 3), keepdim=True)
    return x


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda x: x - x.mean(dim=(2, 3), keepdim=True), "standard deviation is still the old"),
        (lambda x: over(x, (0, 2, 3)), "one image changes another"),
        (lambda x: over(x, (1, 2, 3)), "its channels together"),
        (lambda x: (x - x.mean()) / x.std(), "serve all images"),
        (lambda x: x / x.std(dim=(2, 3), keepdim=True), "The mean is still the old one"),
        (
            lambda x: (x - x.mean((2, 3), True)) / x.var((2, 3), keepdim=True),
            "divide by the variance",
        ),
        (lambda x: (x - x.mean(dim=(2, 3))) / x.std(dim=(2, 3)), "stopped, in the line"),
        (lambda x: -right_normalise(x), "wrong sign"),
        (lambda x: right_normalise(x).flatten(1), "has shape (4, 90)"),
        (lambda x: right_normalise(x).numpy(), "must be a tensor, and yours is of type ndarray"),
        (in_place, "`in_place` changes a tensor that it was given"),
        (lambda x: x * 0 / 0, "is NaN in 360 of 360 values"),
    ],
)
def test_wrong_normalise(refused, answer, hint):
    refused(check.normalise, answer, hint, ["(2, 3)"] if "in the line" not in hint else [])


def right_gradient(z, k):
    return z.softmax(dim=1) - F.one_hot(k, z.shape[1])


def by_autograd(z, k):
    z = z.clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(z, k, reduction="sum"), z)[0]


def test_right_gradient(said):
    assert said(check.cross_entropy_gradient, right_gradient).startswith("Right: ")


def test_autograd_is_not_asked_for(refused):
    refused(check.cross_entropy_gradient, by_autograd, "but autograd found them", ["softmax"])


def overflowing(z, k):
    p = z.exp() / z.exp().sum(dim=1, keepdim=True)
    return p - F.one_hot(k, z.shape[1])


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda z, k: z.softmax(1), "What is different for the right class?"),
        (lambda z, k: right_gradient(z, k) / len(z), "the mean over the batch, not of the sum"),
        (lambda z, k: z.softmax(0) - F.one_hot(k, z.shape[1]), "do not add up to 1 in a row"),
        (lambda z, k: -right_gradient(z, k), "The sign is wrong: this is the direction"),
        (lambda z, k: z - F.one_hot(k, z.shape[1]), "logits where probabilities belong"),
        (lambda z, k: z.sigmoid() - F.one_hot(k, z.shape[1]), "K classes share 1"),
        (lambda z, k: z.log_softmax(1) - F.one_hot(k, z.shape[1]), "logarithms of probabilities"),
        (lambda z, k: right_gradient(z, k).sum(), "averaged or summed over too much"),
        (lambda z, k: right_gradient(z, k).T, "Rows and columns are swapped"),
        (lambda z, k: 2 * right_gradient(z, k), "up to one constant factor, which is too large"),
        (overflowing, "for logits of ±200 the gradient is NaN"),
        (lambda z, k: F.one_hot(k, z.shape[1]), "has the type int64"),
    ],
)
def test_wrong_gradient(refused, answer, hint):
    refused(check.cross_entropy_gradient, answer, hint, ["one_hot", "softmax(dim=1)", "minus 1"])


def right_weights(labels):
    return 1 / labels.bincount()[labels]


@pytest.mark.parametrize(
    "answer",
    [
        right_weights,
        lambda k: 1 / k.bincount(minlength=10).clamp(min=1)[k].double(),
        lambda k: torch.tensor([len(k) / (k == one).sum() for one in k]),
    ],
)
def test_right_weights(said, answer):
    assert said(check.sampling_weights, answer).startswith("Right: ")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda k: k.bincount()[k], "should many images of a class"),
        (lambda k: k.bincount().float(), "one for each class"),
        (lambda k: 1 / k.bincount(), "one for each class"),
        (lambda k: torch.ones(len(k)), "All images weigh the same"),
        (lambda k: 1 / k.bincount()[k] ** 2, "the rare class is drawn too often"),
        (lambda k: (1 / k.bincount()[k]).tolist(), "must be a tensor"),
        (lambda k: -1 / k.bincount()[k], "must not be negative"),
        (lambda k: 1 / (k.bincount()[k] - k.bincount().min()), "a weight is infinite"),
        (lambda k: (k == 0).float(), "so it is never drawn"),
        (lambda k: torch.ones(2, 2), "weights of shape (2, 2)"),
    ],
)
def test_wrong_weights(said, refused, answer, hint):
    hint = hint[0].upper() + hint[1:] if hint.startswith("a weight") else hint
    refused(check.sampling_weights, answer, hint, ["1 /", "1/", "bincount"])


@pytest.mark.parametrize("name", ["normalise", "cross_entropy_gradient", "sampling_weights"])
def test_missing_and_broken(neither_missing_nor_broken, name):
    neither_missing_nor_broken(getattr(check, name))
