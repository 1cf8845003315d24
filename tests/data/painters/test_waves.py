"""ganbook.data.painters.waves: a red sun over rows of blue waves with ink around them."""

import numpy as np

from ganbook.data.painters.waves import INK, paint


def test_sun_sea_and_ink():
    image = paint(300, np.random.default_rng(0))
    red = (image[..., 0] > 0.6) & (image[..., 1] < 0.45) & (image[..., 2] < 0.35)
    row, column = np.nonzero(red)
    assert 0.03 < red.mean() < 0.08  # a disc of radius 0.15, behind mist
    assert 0.6 < column.mean() / 300 < 0.75 and 0.15 < row.mean() / 300 < 0.3
    sea = image[150:]
    assert (sea[..., 2] > sea[..., 0]).mean() > 0.6
    ink = np.abs(sea - INK).max(axis=-1) < 0.12
    assert 0.05 < ink.mean() < 0.4
    assert np.abs(image[:100] - INK).max(axis=-1).min() > 0.3  # none in the sky


def test_waves_get_larger_towards_the_front():
    image = paint(300, np.random.default_rng(0)).mean(axis=-1)
    far, near = image[140:180], image[260:]
    assert np.abs(np.diff(far, axis=1)).mean() > np.abs(np.diff(near, axis=1)).mean()
