"""ganbook.data.masks: shapes of holes, by hand and by a slow twin."""

import math
from itertools import pairwise

import pytest
import torch

from ganbook.data.masks import (
    random_masks,
    random_rectangles,
    random_strokes,
    square_mask,
    stroke_masks,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("draw", [random_masks, random_rectangles, random_strokes])
def test_masks_are_zeros_and_ones_and_differ(draw):
    masks = draw(20, 32, generator=seeded())
    assert masks.shape == (20, 1, 32, 32) and masks.dtype == torch.float32
    assert masks.unique().tolist() == [0, 1]
    assert masks.flatten(1).any(dim=1).all() and not masks.flatten(1).all(dim=1).any()
    assert len(masks.flatten(1).unique(dim=0)) == 20


@pytest.mark.parametrize("draw", [random_masks, random_rectangles, random_strokes])
def test_a_seed_gives_the_same_masks_and_the_global_generator_is_the_default(draw):
    first, again, other = (draw(4, 16, generator=seeded(s)) for s in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)
    torch.manual_seed(1)
    assert torch.equal(draw(4, 16), first)


def is_rectangle(mask):
    rows, columns = mask[0].any(dim=1), mask[0].any(dim=0)
    return torch.equal(mask[0].bool(), rows[:, None] & columns[None, :])


def test_rectangles_are_full_and_keep_to_their_sides():
    masks = random_rectangles(400, 20, 0.2, 0.5, seeded())
    assert all(is_rectangle(mask) for mask in masks)
    heights, widths = masks.amax(dim=3).sum(dim=2), masks.amax(dim=2).sum(dim=2)
    for sides in (heights, widths):
        assert sorted(sides.unique().tolist()) == [4, 5, 6, 7, 8, 9, 10]
    assert not torch.equal(heights, widths)
    assert masks.amax(dim=0).all()  # every pixel can be hit, the corners too


def test_a_rectangle_can_be_the_whole_image():
    assert random_rectangles(3, 8, 1.0, 1.0).all()


def test_strokes_cover_from_a_little_to_a_half():
    shares = random_strokes(400, 64, seeded()).mean(dim=(1, 2, 3))
    assert 0.15 < shares.mean() < 0.3
    assert 0.005 < shares.min() < 0.05 and 0.35 < shares.max() < 0.7


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 1, 1), (1.0, 0, 0.02), (0.5, 0.4, 0.6)])
def test_the_share_of_strokes_is_kept(share, low, high):
    masks = random_masks(300, 32, share, seeded())
    assert low <= sum(is_rectangle(mask) for mask in masks) / 300 <= high


def test_a_straight_stroke_by_hand():
    # From (2, 2) to (2, 5), 2 wide: all at distance 1 or less.
    expected = torch.tensor(
        [
            [0, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 1, 1, 1, 1, 0, 0],
            [0, 1, 1, 1, 1, 1, 1, 0],
            [0, 0, 1, 1, 1, 1, 0, 0],
            *[[0] * 8] * 4,
        ]
    )
    mask = stroke_masks(torch.tensor([[[2.0, 2.0], [2.0, 5.0]]]), torch.tensor([2.0]), 8)
    assert torch.equal(mask[0, 0].long(), expected)


def test_strokes_equal_a_slow_twin():
    points = torch.rand(3, 4, 2, generator=seeded(), dtype=torch.float64) * 20 - 2
    widths = torch.tensor([2.0, 3.5, 5.0], dtype=torch.float64)
    masks = stroke_masks(points, widths, 16)
    for mask, corners, width in zip(masks, points.tolist(), widths.tolist()):
        for row in range(16):
            for column in range(16):
                distance = min(
                    math.dist(
                        (row, column), (a + t * (c - a) / 400, b + t * (d - b) / 400)
                    )  # 401 points on each piece
                    for (a, b), (c, d) in pairwise(corners)
                    for t in range(401)
                )
                if abs(distance - width / 2) > 0.01:
                    assert mask[0, row, column] == (distance < width / 2)


def test_a_stroke_of_no_length_is_a_dot():
    mask = stroke_masks(torch.full((1, 2, 2), 4.0), torch.tensor([2.0]), 9)
    assert mask.sum() == 5 and mask[0, 0, 4, 4] == 1


def test_the_square_is_in_the_middle():
    mask = square_mask(6, 2)
    assert mask.shape == (1, 1, 6, 6) and mask.sum() == 4
    assert mask[0, 0, 2:4, 2:4].all()
    assert square_mask(8, 8).all()


@pytest.mark.parametrize("draw", [random_masks, random_rectangles, random_strokes])
def test_no_masks_are_fine(draw):
    assert draw(0, 16).shape == (0, 1, 16, 16)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: random_masks(2, 16, 1.5), r"stroke_share must lie in \[0, 1\], got 1.5"),
        (lambda: random_masks(-1, 16), "n must be at least 0 and size at least 8, got -1 and 16"),
        (lambda: random_rectangles(1, 4), "size at least 8, got 1 and 4"),
        (lambda: random_rectangles(1, 16, 0.5, 0.2), "smallest <= largest <= 1, got 0.5 and 0.2"),
        (lambda: random_rectangles(1, 16, 0.0), "0 < smallest"),
        (lambda: random_strokes(1, 7), "size at least 8, got 1 and 7"),
        (lambda: square_mask(16, 17), r"side must lie in 1..16, got 17"),
        (lambda: square_mask(16, 0), "got 0"),
        (
            lambda: stroke_masks(torch.zeros(1, 1, 2), torch.ones(1), 8),
            r"points must be \(n, at least 2, 2\) and widths \(n,\), got \(1, 1, 2\) and \(1,\)",
        ),
        (lambda: stroke_masks(torch.zeros(2, 3, 2), torch.ones(1), 8), r"\(2, 3, 2\) and \(1,\)"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
