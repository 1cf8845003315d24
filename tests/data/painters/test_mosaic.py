"""ganbook.data.painters.mosaic: stones of one colour each, in rings, with dark joints."""

import numpy as np
import pytest

from ganbook.data.painters.mosaic import ROW, paint, stones
from ganbook.data.painters.tools import grid


def test_stones_lie_in_rings_with_joints():
    x, y = (10 * ROW * (a - 0.5) for a in grid(400))  # ten rows wide
    asked = []

    def tone(radius, angle):
        asked.append((radius, angle))
        return np.ones((*radius.shape, 3))

    image = stones(x, y, tone, np.random.default_rng(0))
    ((radius, angle),) = asked
    # Each pixel asks for the middle of its stone.
    assert np.abs(radius - np.hypot(x, y)).max() <= ROW / 2 + 1e-9
    turn = np.angle(np.exp(1j * (angle - np.arctan2(y, x))))
    assert np.abs(radius * turn).max() < 0.8 * ROW
    assert set(np.unique(np.round(radius / ROW, 6))) == {k + 0.5 for k in range(8)}
    dark = (image.max(axis=-1) < 0.3).mean()
    assert 0.1 < dark < 0.35  # joints
    assert image[image.min(axis=-1) > 0.6].std() > 0.05  # stones differ


def test_the_great_medallion_is_blue_and_red_on_gold():
    image = paint(220, np.random.default_rng(0))
    middle, ground = (
        image[100:120, 100:120].mean(axis=(0, 1)),
        image[4:12, 90:130].mean(axis=(0, 1)),
    )
    assert middle[0] > middle[2] + 0.1 and ground[0] > ground[2] + 0.2
    blue = image[..., 2] > image[..., 0] + 0.1
    assert blue.mean() == pytest.approx(0.2, abs=0.12)
