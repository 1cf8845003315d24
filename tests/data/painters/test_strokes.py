"""ganbook.data.painters.strokes: strokes follow the flow and keep the cartoon's colours."""

import numpy as np
import pytest

from ganbook.data.painters.strokes import brush, paint


def random():
    return np.random.default_rng(0)


@pytest.mark.parametrize("flow", [(1.0, 0.0), (0.0, -7.0)])  # its length does not matter
def test_strokes_follow_the_flow(flow):
    cartoon = np.full((120, 120, 3), 0.5, np.float32)
    u, v = (np.full((120, 120), value) for value in flow)
    image = brush(cartoon, u, v, random())
    assert image.shape == (120, 120, 3)
    down, right = (np.abs(np.diff(image, axis=axis)).mean() for axis in (0, 1))
    along, across = (right, down) if flow[0] else (down, right)
    assert across > 1.6 * along > 0


def test_strokes_have_the_cartoons_colours():
    cartoon = np.zeros((120, 120, 3), np.float32)
    cartoon[:, :60, 0], cartoon[:, 60:, 2] = 0.8, 0.6
    image = brush(cartoon, np.zeros((120, 120)), np.ones((120, 120)), random())
    assert image[:, :55].mean(axis=(0, 1)) == pytest.approx([0.8, 0, 0], abs=0.08)
    assert image[:, 65:].mean(axis=(0, 1)) == pytest.approx([0, 0, 0.6], abs=0.08)


def test_no_strokes_leave_the_ground():
    cartoon = np.full((30, 30, 3), 0.5, np.float32)
    still = np.zeros((30, 30))
    assert brush(cartoon, still, still, random(), ()) == pytest.approx(0.4, abs=0.01)


def test_a_blue_night_with_yellow_lights():
    image = paint(192, random())
    light, sky = image[32:45, 143:156].mean(axis=(0, 1)), image[2:20, 2:20].mean(axis=(0, 1))
    assert light[0] > light[2] + 0.3 and sky[2] > sky[0] + 0.2
