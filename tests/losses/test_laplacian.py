"""ganbook.losses.laplacian: exact inverse, a peer's blur, the weights, errors."""

import pytest
import torch
from scipy.ndimage import correlate1d
from torch.nn.functional import interpolate

from ganbook.losses.laplacian import laplacian_pyramid, laplacian_pyramid_loss


@pytest.fixture
def pair():
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(3, 2, 32, 16, generator=generator) for _ in range(2))


def test_the_pyramid_gives_the_image_back(pair):
    image, _ = pair
    pyramid = laplacian_pyramid(image, 3)
    assert [tuple(level.shape[2:]) for level in pyramid] == [(32, 16), (16, 8), (8, 4), (4, 2)]
    back = pyramid[-1]
    for level in reversed(pyramid[:-1]):
        back = level + interpolate(back, scale_factor=2, mode="bilinear", align_corners=False)
    torch.testing.assert_close(back, image)


def test_the_remainder_is_the_blurred_image(pair):
    image, _ = pair
    blurred = image.numpy()
    for axis in (2, 3):
        blurred = correlate1d(
            blurred, [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16], axis, mode="nearest"
        )
    torch.testing.assert_close(
        laplacian_pyramid(image, 1)[1], torch.from_numpy(blurred[..., ::2, ::2])
    )


def test_a_flat_image_has_no_details():
    *details, rest = laplacian_pyramid(torch.full((1, 3, 32, 32), 0.7), 4)
    assert all(level.abs().max() < 1e-6 for level in details)
    torch.testing.assert_close(rest, torch.full((1, 3, 2, 2), 0.7))


def test_the_loss_is_the_weighted_sum_of_the_equation(pair):
    x, y = pair
    levels = zip(laplacian_pyramid(x, 3), laplacian_pyramid(y, 3))
    expected = sum(4**j * (a - b).abs().sum() for j, (a, b) in enumerate(levels)) / x.numel()
    torch.testing.assert_close(laplacian_pyramid_loss(x, y, 3), expected)
    assert laplacian_pyramid_loss(x, x, 3) == 0
    # A constant shift is in the remainder alone.
    assert laplacian_pyramid_loss(x + 0.25, x, 3).item() == pytest.approx(0.25, rel=1e-4)


def test_gradient_and_batch():
    torch.manual_seed(0)
    x = torch.rand(2, 1, 8, 8, dtype=torch.float64, requires_grad=True)
    y = torch.rand(2, 1, 8, 8, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda t: laplacian_pyramid_loss(t, y, 2), x)
    parts = [laplacian_pyramid_loss(x[i : i + 1], y[i : i + 1], 2) for i in range(2)]
    torch.testing.assert_close(torch.stack(parts).mean(), laplacian_pyramid_loss(x, y, 2))


def test_bad_input():
    image = torch.zeros(1, 1, 32, 32)
    for levels in (0, -1, 5, 6):
        with pytest.raises(ValueError, match=f"got levels {levels} and images"):
            laplacian_pyramid(image, levels)
    with pytest.raises(ValueError, match=r"levels 2 and images \(1, 1, 32, 30\)"):
        laplacian_pyramid_loss(image[..., :30], image[..., :30], 2)
    with pytest.raises(ValueError, match=r"differ in shape: \(1, 1, 32, 32\), \(1, 1, 16, 32\)"):
        laplacian_pyramid_loss(image, image[:, :, :16])
