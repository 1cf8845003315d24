"""ganbook.data.painters.hatching: the darker, the more ink; two colours only."""

from itertools import pairwise

import numpy as np
import pytest

from ganbook.data.painters.hatching import hatch, paint
from ganbook.data.painters.tools import grid


def test_ink_follows_the_tone():
    x, y = grid(300)
    amounts = [hatch(np.full_like(x, tone), y).mean() for tone in (1, 0.8, 0.6, 0.4, 0.2, 0)]
    assert amounts[0] == 0 and amounts[-1] == 1
    assert all(a < b for a, b in pairwise(amounts))
    assert amounts[1] == pytest.approx(
        0.17, abs=0.05
    )  # lines of (0.95 - 0.8) * 1.15 of their pitch


def test_light_parts_have_lines_of_one_direction():
    x, y = grid(300)
    ink = hatch(np.full_like(x, 0.8), y)
    assert np.ptp(ink, axis=1).max() < 1e-6 < np.ptp(ink, axis=0).max()


def test_ink_on_paper():
    image = paint(300, np.random.default_rng(0))
    moon = image[60:90, 195:225].mean(axis=(0, 1))
    assert moon == pytest.approx([0.945, 0.9, 0.8], abs=0.06)
    bright = image.mean(axis=-1)
    assert ((bright < 0.25) | (bright > 0.75)).mean() > 0.7
