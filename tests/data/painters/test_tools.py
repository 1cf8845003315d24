"""ganbook.data.painters.tools: grids, noise, colours, light, against values worked by hand."""

import numpy as np
import pytest
import torch

from ganbook.data.painters.tools import (
    colours,
    finish,
    grid,
    light,
    mix,
    noise,
    ramp,
    rough,
    step,
)


def random(seed=0):
    return np.random.default_rng(seed)


def test_grid():
    x, y = grid(4)
    assert x[0].tolist() == y[:, 0].tolist() == [0.125, 0.375, 0.625, 0.875]
    assert np.ptp(x, axis=0).max() == np.ptp(y, axis=1).max() == 0


def test_noise_has_bumps_of_its_size():
    coarse, fine = noise(240, 4, random()), noise(240, 40, random())
    for found in (coarse, fine):
        assert found.shape == (240, 240) and np.abs(found).max() < 1.6
        assert 0.2 < found.std() < 0.8 and abs(found.mean()) < 0.3
    # As steep as its bumps are narrow.
    ratio = np.abs(np.diff(fine)).mean() / np.abs(np.diff(coarse)).mean()
    assert ratio == pytest.approx(10, rel=0.4)
    assert (noise(64, 4, random()) == noise(64, 4, random())).all()
    assert (noise(64, 4, random()) != noise(64, 4, random(1))).any()


def test_noise_is_the_same_bumps_at_every_size():
    small, large = noise(60, 6, random()), noise(240, 6, random())
    reduced = large.reshape(60, 4, 60, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(small, reduced, atol=0.05)


def test_rough_sums_octaves():
    np.testing.assert_array_equal(rough(48, 3, random(), 1), noise(48, 3, random()))
    both, one = random(), random()
    expected = noise(48, 3, one) + noise(48, 6, one) / 2
    np.testing.assert_allclose(rough(48, 3, both, 2), expected)


def test_colours_and_ramp():
    palette = colours("000000", "ff8000")
    np.testing.assert_allclose(palette, [[0, 0, 0], [1, 128 / 255, 0]])
    mixed = ramp(np.array([-1, 0, 0.5, 1, 2]), palette)
    np.testing.assert_allclose(mixed[:, 0], [0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(mixed[2], palette[1] / 2)


def test_mix_and_step():
    canvas = np.zeros((1, 3, 3), np.float32)
    mixed = mix(canvas, np.array([1.0, 0.5, 0]), np.array([[0, 0.5, 1]]))
    np.testing.assert_allclose(mixed[0], [[0, 0, 0], [0.5, 0.25, 0], [1, 0.5, 0]])
    np.testing.assert_allclose(step(np.array([0, 1, 2, 3, 9.0]), 1, 3), [0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(step(np.array([0, 1, 2, 3, 9.0]), 3, 1), [1, 1, 0.5, 0, 0])


def test_light_comes_from_the_upper_left():
    x, y = grid(16)
    assert (light(np.zeros((16, 16)), 1) == 0).all()
    assert (light(x + y, 1) > 0).all() and (light(-x - y, 1) < 0).all()
    assert np.abs(light(1000 * x, 9)).max() <= 1


def test_finish_reduces_to_the_models_range():
    canvas = np.zeros((12, 12, 3))
    canvas[..., 0], canvas[..., 2] = 2.0, -1.0  # clipped
    image = finish(canvas, 4)
    assert image.dtype == torch.float32
    expected = torch.tensor([1.0, -1, -1]).view(3, 1, 1).expand(3, 4, 4)
    torch.testing.assert_close(image, expected)
