"""Each kind of difference gets its own hint, and equality none."""

import math

import numpy as np
import pytest
import torch

from ganbook.check.values import close, finite, number, parts, same, tensor
from ganbook.check.verdict import Hint, Unanswered

RIGHT = torch.tensor([[1.0, 2.0], [-3.0, 0.5]])
LONG = torch.tensor([1.0, -2.0, 4.0, 0.0])


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (RIGHT, RIGHT),
        (RIGHT.double(), RIGHT),
        (RIGHT + 1e-5, RIGHT),
        (RIGHT.clone().requires_grad_(), RIGHT),
        (torch.tensor([1, 2]), torch.tensor([1, 2], dtype=torch.int32)),
        (torch.zeros(3), torch.zeros(3)),
        (1e-6 * RIGHT, 1e-6 * RIGHT),
        (3, 3.0),
        (torch.tensor(3), 3),
        (torch.tensor([[3.0]], requires_grad=True), 3),
        (np.float32(3), 3),
        (True, 1),
    ],
)
def test_equal(found, expected):
    same(found, expected)


@pytest.mark.parametrize(
    ("found", "expected", "hint"),
    [
        ([1.0], RIGHT, "the answer must be a tensor, and yours is of type list"),
        (1.0, RIGHT, "of type float"),
        (np.zeros(2), RIGHT, "of type ndarray"),
        (
            RIGHT[None],
            RIGHT,
            r"has shape (1, 2, 2), and (2, 2) is wanted. They differ by dimensions",
        ),
        (RIGHT.sum(), RIGHT, "averaged or summed over too much"),
        (RIGHT.flatten(), RIGHT, "as many values as needed, arranged otherwise"),
        (torch.zeros(3, 2), torch.zeros(2, 3), "Rows and columns are swapped"),
        (torch.zeros(5, 2, 2), RIGHT, "left to average, sum or squeeze"),
        (torch.zeros(3), torch.zeros(3, 2), "`keepdim=True` keeps it"),
        (torch.zeros(4, 2), torch.zeros(3, 2), "Print the shapes on the way"),
        (RIGHT.long(), RIGHT, "has the type int64; float32 is wanted"),
        (RIGHT > 0, RIGHT, "has the type bool; float32 is wanted"),
        (torch.tensor([1.0, 2.0]), torch.tensor([1, 2]), "has the type float32; int64"),
        (RIGHT / 0, RIGHT, "is infinite in 4 of 4 values"),
        (torch.tensor([1.0, math.nan]), torch.tensor([1.0, 2.0]), "is NaN in 1 of 2 values"),
        (-RIGHT, RIGHT, "has the wrong sign; its size is right"),
        (RIGHT.T, RIGHT, "rows and columns swapped"),
        (4 * LONG, LONG, "is 4 times too large: a sum where a mean belongs?"),
        (LONG / 4, LONG, "is 4 times too small: a mean where a sum belongs?"),
        (RIGHT / 4, RIGHT, "is 4 times too small"),
        (2 * RIGHT, RIGHT, "is 2 times too large"),
        (0.3 * RIGHT, RIGHT, "up to one constant factor, which is too small"),
        (1.7 * RIGHT, RIGHT, "up to one constant factor, which is too large"),
        (RIGHT + 1, RIGHT, "off by the same amount everywhere"),
        (
            torch.tensor([[1.0, 2.0], [-3.0, 7.0]]),
            RIGHT,
            "but 1 of 4 values are wrong, most at index (1, 1), where yours is 7.",
        ),
        (torch.tensor([1.0, 9, 4, 0]), LONG, "at index 1, where yours is 9."),
        (torch.zeros(4), LONG, "3 of 4 values are wrong"),
        (torch.ones(3), torch.zeros(3), "off by the same amount"),
        (2.5, 3, "the answer is too small: your function gives 2.5."),
        (4.0, 3, "is too large: your function gives 4."),
        (-3, 3, "has the wrong sign"),
        (torch.zeros(2), 3, "must be one number, and yours is a tensor of shape (2,)"),
        ("three", 3, "must be a number, and yours is of type str"),
        ((3, 4), 3, "yours is of type tuple"),
        (math.nan, 3, "the answer is NaN. Look for"),
        (math.inf, 3, "the answer is infinite."),
    ],
)
def test_different(found, expected, hint):
    with pytest.raises(Hint) as caught:
        same(found, expected)
    assert hint in str(caught.value) and not isinstance(caught.value, Unanswered)


@pytest.mark.parametrize("found", [None, ...])
def test_missing(found):
    with pytest.raises(Unanswered, match="the mean is missing"):
        same(found, 3, "the mean")


def test_slips_come_first_whatever_their_shape_but_not_before_equality():
    slips = [(RIGHT.sum(), "a sum"), (2 * RIGHT, "twice"), (RIGHT, "never said"), (7, "a number")]
    for found, hint in ((RIGHT.sum(), "a sum"), (2 * RIGHT, "twice"), (torch.tensor(7.0), "a num")):
        with pytest.raises(Hint, match=hint):
            same(found, RIGHT, slips=slips)
    same(RIGHT, RIGHT, slips=slips)
    with pytest.raises(Hint, match="that is half"):
        same(1.5, 3, slips=[(1.5, "that is half")])


def test_tolerance_is_relative_to_the_largest_value():
    wide = torch.tensor([1000.0, 1.0])
    same(wide + 0.05, wide)
    with pytest.raises(Hint):
        same(wide + 0.5, wide)
    same(wide + 0.5, wide, tolerance=1e-3)
    assert not close(torch.zeros(2), torch.zeros(3), 1.0)
    assert close(torch.zeros(0), torch.zeros(0), 1e-4)


def test_the_values_themselves_come_back():
    assert number(torch.tensor([2.0])) == 2 and tensor(RIGHT) is RIGHT
    assert parts((1, 2), ["a", "b"]) == (1, 2) and parts([1], ["a"]) == [1]
    assert parts(np.array([1, 2]), ["a", "b"]) == [1, 2]
    assert parts(torch.tensor([1, 2]), ["a", "b"]) == [1, 2]
    finite(RIGHT)


@pytest.mark.parametrize(
    ("found", "hint"),
    [
        ((1,), r"Return 2 values \(mean, std\); your function returns 1 values"),
        (RIGHT, "your function returns one value"),
        (torch.zeros(2, 2), "your function returns one value"),
        ({"mean": 1, "std": 2}, "returns one value"),
    ],
)
def test_parts(found, hint):
    with pytest.raises(Hint, match=hint):
        parts(found, ["mean", "std"])


def test_a_missing_part():
    with pytest.raises(Unanswered, match="std is missing"):
        parts((1, ...), ["mean", "std"])


def test_no_hint_tells_the_right_value():
    secret = torch.tensor([[0.123456, 7.654321], [2.468, 1.3579]])
    wrong = [-secret, 2 * secret, secret + 1, secret.T, torch.zeros(2, 2), torch.rand(2, 2)]
    for found in [*wrong, secret.sum(), secret[0], secret.long(), secret / 0]:
        with pytest.raises(Hint) as caught:
            same(found, secret)
        for value in secret.flatten().tolist():
            assert f"{value:.3f}"[:-1] not in str(caught.value)
