"""ganbook.style.palette: moments against NumPy, losses by hand, what they do not see."""

import numpy as np
import pytest
import torch

from ganbook.style.colour import match_colours
from ganbook.style.palette import colour_moments, light_loss, match_each, palette_loss


def uniform(*shape, seed=1):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


IMAGES = uniform(2, 3, 24, 36)


def test_moments_equal_numpys():
    mean, covariance = colour_moments(IMAGES)
    assert mean.shape == (2, 3, 1) and covariance.shape == (2, 3, 3)
    for image, m, c in zip(IMAGES, mean, covariance):
        pixels = (image.flatten(1).double().numpy() + 1) / 2
        np.testing.assert_allclose(m[:, 0], pixels.mean(axis=1), rtol=1e-5)
        np.testing.assert_allclose(c, np.cov(pixels, bias=True), rtol=1e-4, atol=1e-6)


def test_the_palette_by_hand():
    # Half black, half white: mean 1/2 each, all covariances 1/4.
    style = torch.ones(1, 3, 4, 4)
    style[..., :2] = -1
    moments = colour_moments(style)
    torch.testing.assert_close(moments[0], torch.full((1, 3, 1), 0.5))
    torch.testing.assert_close(moments[1], torch.full((1, 3, 3), 0.25))
    assert palette_loss(style, moments).item() == pytest.approx(0, abs=1e-6)
    gray, black = torch.zeros(2, 3, 4, 4), -torch.ones(2, 3, 4, 4)
    assert palette_loss(gray, moments).item() == pytest.approx(1, abs=1e-6)
    assert palette_loss(black, moments).item() == pytest.approx(2, abs=1e-6)


def test_places_do_not_matter_to_the_palette():
    moments = colour_moments(IMAGES[:1])
    shuffled = IMAGES[:1].flatten(2)[..., torch.randperm(24 * 36)].view(1, 3, 36, 24)
    assert palette_loss(shuffled, moments).item() == pytest.approx(0, abs=1e-6)
    assert palette_loss(IMAGES[1:], moments).item() > 1e-5


def test_light_is_a_correlation():
    assert light_loss(IMAGES, IMAGES).item() == pytest.approx(0, abs=1e-4)
    assert light_loss(-IMAGES, IMAGES).item() == pytest.approx(2, abs=1e-4)
    assert light_loss(0.3 * IMAGES + 0.2, IMAGES).item() == pytest.approx(0, abs=1e-3)
    other = uniform(2, 3, 24, 36, seed=5)
    expected = []
    weights = np.array([0.299, 0.587, 0.114])[:, None, None]
    for a, b in zip(IMAGES.double().numpy(), other.double().numpy()):
        a, b = ((x * weights).sum(0).reshape(12, 2, 12, 3).mean((1, 3)).ravel() for x in (a, b))
        expected.append(1 - np.corrcoef(a, b)[0, 1])
    assert light_loss(IMAGES, other).item() == pytest.approx(np.mean(expected), abs=1e-4)


def test_light_does_not_see_colours_of_equal_luminance():
    hues = IMAGES.clone()
    hues[:, 0] += 0.1 / 0.299
    hues[:, 1] -= 0.1 / 0.587
    assert light_loss(hues, IMAGES).item() == pytest.approx(0, abs=1e-4)


def test_gradients_are_finite_also_for_a_plain_image():
    plain = torch.zeros(1, 3, 24, 24, requires_grad=True)
    moments = colour_moments(IMAGES[:1])
    (light_loss(plain, IMAGES[:1, :, :, :24]) + palette_loss(plain, moments)).backward()
    assert plain.grad.isfinite().all() and plain.grad.any()


def test_each_content_gets_the_colours_of_its_style():
    styles = uniform(2, 3, 16, 20, seed=7) / 3
    matched = match_each(IMAGES / 3, styles)
    assert matched.shape == IMAGES.shape
    for i in range(2):
        expected = match_colours(IMAGES[i : i + 1] / 3, styles[i : i + 1])
        assert torch.equal(matched[i : i + 1], expected)
    one = match_each(IMAGES / 3, styles[1:])
    assert torch.equal(one[1], matched[1]) and not torch.equal(one[0], matched[0])
    assert palette_loss(one, colour_moments(styles[1:])).item() == pytest.approx(0, abs=1e-4)
