"""ganbook.metrics.image_quality: against hand values, scikit-image and torchmetrics."""

import math

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torchmetrics.functional.image import (
    peak_signal_noise_ratio as torchmetrics_psnr,
)
from torchmetrics.functional.image import (
    structural_similarity_index_measure as torchmetrics_ssim,
)

from ganbook.metrics.image_quality import mean_absolute_error, psnr, ssim

METRICS = [mean_absolute_error, psnr, ssim]


@pytest.fixture(params=[1, 3], ids=["gray", "colour"])
def pairs(request):
    """Noise, noise made smooth and smooth images, with disturbances from slight to total."""
    generator = torch.Generator().manual_seed(0)
    targets = torch.rand(4, request.param, 32, 40, generator=generator) * 2 - 1
    targets[1:3] = torch.nn.functional.avg_pool2d(targets[1:3], 5, 1, 2)
    targets[3] = torch.linspace(-1, 1, 40)
    noise = torch.randn(targets.shape, generator=generator)
    strength = torch.tensor([1.0, 0.1, 0.01, 0.3]).view(4, 1, 1, 1)
    return (targets + strength * noise).clamp(-1, 1), targets


def flat(value, size=16):
    return torch.full((1, 1, size, size), value)


def test_hand_values_of_mean_absolute_error():
    images = torch.tensor([[[[1.0, -1.0], [0.0, 0.5]]], [[[1.0, 1.0], [1.0, 1.0]]]])
    targets = torch.tensor([[[[1.0, 1.0], [0.5, 0.0]]], [[[-1.0, -1.0], [-1.0, -1.0]]]])
    torch.testing.assert_close(mean_absolute_error(images, targets), torch.tensor([0.75, 2.0]))


def test_hand_values_of_psnr():
    # An error of 0.2 everywhere is a tenth of the range: 10 log10(10^2) = 20 dB.
    torch.testing.assert_close(psnr(flat(0.1), flat(-0.1)), torch.tensor([20.0]))
    torch.testing.assert_close(psnr(flat(-1.0), flat(1.0)), torch.tensor([0.0]))
    # Half of the pixels wrong by 0.2: twice less squared error, 3.01 dB more.
    half = flat(-0.1)
    half[..., :8] = 0.1
    torch.testing.assert_close(psnr(half, flat(-0.1)), torch.tensor([20 + 10 * math.log10(2)]))


def test_hand_value_of_ssim_on_flat_images():
    # Without variance only the factor of the means is left; 0.5 and -0.25 are 3/4 and 3/8 of white.
    x, y, c1 = 0.75, 0.375, 0.01**2
    expected = (2 * x * y + c1) / (x * x + y * y + c1)
    assert 0.79 < expected < 0.81
    torch.testing.assert_close(ssim(flat(0.5), flat(-0.25)), torch.tensor([expected]))


def test_a_pattern_and_its_negative_are_dissimilar():
    pattern = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert -1 <= ssim(pattern, -pattern).item() < -0.9
    assert ssim(pattern, pattern).item() == pytest.approx(1)


def test_equal_images():
    images = torch.rand(3, 3, 20, 20) * 2 - 1
    assert mean_absolute_error(images, images).tolist() == [0, 0, 0]
    assert psnr(images, images).tolist() == [math.inf] * 3
    torch.testing.assert_close(ssim(images, images), torch.ones(3))


def test_psnr_equals_scikit_images(pairs):
    images, targets = pairs
    expected = [
        peak_signal_noise_ratio(t.double().numpy(), i.double().numpy(), data_range=2)
        for i, t in zip(*pairs)
    ]
    torch.testing.assert_close(psnr(images, targets), torch.tensor(expected).float())


def test_ssim_equals_scikit_images(pairs):
    images, targets = pairs
    expected = [
        structural_similarity(
            (t.double().numpy() + 1) / 2,
            (i.double().numpy() + 1) / 2,
            channel_axis=0,
            data_range=1,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for i, t in zip(*pairs)
    ]
    assert max(expected) - min(expected) > 0.3  # the cases are far apart
    torch.testing.assert_close(ssim(images, targets), torch.tensor(expected).float())


def test_all_equal_torchmetrics(pairs):
    images, targets = pairs
    peer = torchmetrics_psnr(
        images, targets, data_range=(-1.0, 1.0), dim=(1, 2, 3), reduction="none"
    )
    torch.testing.assert_close(psnr(images, targets), peer, rtol=1e-5, atol=1e-5)
    # torchmetrics pads by reflection and keeps the places where the window does not fit.
    _, places = torchmetrics_ssim(
        (images.double() + 1) / 2,
        (targets.double() + 1) / 2,
        data_range=1.0,
        sigma=1.5,
        reduction="none",
        return_full_image=True,
    )
    peer = places[..., 5:-5, 5:-5].flatten(1).mean(dim=1).float()
    torch.testing.assert_close(ssim(images, targets), peer, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("metric", METRICS)
def test_a_pairs_value_does_not_depend_on_its_batch(metric, pairs):
    images, targets = pairs
    one_by_one = torch.cat([metric(images[k : k + 1], targets[k : k + 1]) for k in range(4)])
    together = metric(images, targets)
    assert together.shape == (4,) and together.dtype == torch.float32
    torch.testing.assert_close(together, one_by_one, rtol=0, atol=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_order_of_the_two_and_sign_of_the_values_do_not_matter(metric, pairs):
    images, targets = pairs
    torch.testing.assert_close(metric(images, targets), metric(targets, images))
    if metric is not ssim:  # whose mean term sees how bright an image is
        torch.testing.assert_close(metric(images, targets), metric(-images, -targets))


@pytest.mark.parametrize("metric", METRICS)
def test_gradients_reach_the_images(metric):
    images = (torch.rand(2, 1, 16, 16) - 0.5).requires_grad_()
    metric(images, torch.zeros(2, 1, 16, 16)).sum().backward()
    assert torch.isfinite(images.grad).all() and images.grad.abs().max() > 0


def test_blur_costs_less_in_l1_than_a_sharp_pattern_that_is_shifted():
    # What the chapter tells: a grey page comes closer to stripes than stripes moved by one.
    stripes = torch.tensor([1.0, -1.0]).repeat(16).expand(1, 1, 32, 32)
    grey, moved = torch.zeros_like(stripes), -stripes
    assert mean_absolute_error(grey, stripes).item() == 1
    assert mean_absolute_error(moved, stripes).item() == 2
    assert ssim(moved, stripes).item() < ssim(grey, stripes).item() < 0.1


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (torch.zeros(2, 3, 16, 17), ValueError, "differ in shape"),
        (torch.zeros(1, 3, 16, 16), ValueError, r"differ in shape: \(1, 3, 16, 16\)"),
        (torch.zeros(2, 3, 16, 16, dtype=torch.uint8), TypeError, "must be float images"),
        (torch.full((2, 3, 16, 16), 255.0), ValueError, r"must lie in \[-1, 1\]"),
        (torch.full((2, 3, 16, 16), math.nan), ValueError, "NaN"),
    ],
)
def test_bad_images(metric, images, error, message):
    with pytest.raises(error, match=message):
        metric(images, torch.zeros(2, 3, 16, 16))


def test_empty_and_too_small():
    with pytest.raises(ValueError, match="images is empty"):
        psnr(torch.zeros(0, 3, 16, 16), torch.zeros(0, 3, 16, 16))
    with pytest.raises(ValueError, match=r"window is 11 x 11 pixels; the images are \(10, 20\)"):
        ssim(torch.zeros(1, 1, 10, 20), torch.zeros(1, 1, 10, 20))
    assert np.isclose(ssim(flat(0.3, 11), flat(0.3, 11)).item(), 1)
