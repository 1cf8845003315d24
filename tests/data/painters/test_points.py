"""ganbook.data.painters.points: dots keep colours in the mean, each nearer to a pure one."""

import numpy as np
import pytest

from ganbook.data.painters.points import PURE, dots, paint
from ganbook.data.painters.tools import colours


def test_dots_mix_to_about_the_cartoons_colour():
    cartoon = np.broadcast_to(np.float32([0.4, 0.5, 0.6]), (240, 240, 3))
    image = dots(cartoon, np.random.default_rng(0))
    assert image.shape == (240, 240, 3)
    assert image.mean(axis=(0, 1)) == pytest.approx([0.4, 0.5, 0.6], abs=0.12)
    assert image.std(axis=(0, 1)).min() > 0.05  # of many colours


def test_a_pure_colour_stays():
    for colour in colours(*PURE)[:3]:
        image = dots(np.broadcast_to(colour, (90, 90, 3)), np.random.default_rng(0))
        assert np.median(image, axis=(0, 1)) == pytest.approx(colour, abs=0.12)


def test_sky_above_and_lawn_below():
    image = paint(150, np.random.default_rng(0))
    sky, lawn = image[:20].mean(axis=(0, 1)), image[-15:].mean(axis=(0, 1))
    assert sky[2] > sky[0] and lawn[1] > lawn[2] + 0.2
