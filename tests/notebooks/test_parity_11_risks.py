"""What chapter 11's part on risks builds by hand equals other libraries' and closed forms."""

import io
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import binomtest, mannwhitneyu
from torch import nn
from torchvision.transforms.functional import gaussian_blur

from ganbook.data.transforms import to_model_range, to_uint8
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "11_applications.ipynb"
NAMES = [
    "latent_torus",
    "wilson",
    "as_file",
    "auc",
    "mean_spectrum",
    "by_ring",
    "jpeg",
    "blur",
    "shrink_and_enlarge",
    "add_noise",
    "push_to_real",
    "precision_of_alarms",
]


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, NAMES)


@pytest.fixture
def images():
    torch.manual_seed(0)
    return to_model_range(torch.randint(256, (6, 3, 16, 16), dtype=torch.uint8))


def test_the_torus_comes_round_and_keeps_the_latents_variance(chapter):
    torch.manual_seed(0)
    field = torch.stack([chapter.latent_torus(torch.randn(4, 2), 3, 4) for _ in range(20_000)])
    torch.testing.assert_close(field.var(dim=0), torch.ones(3, 4, 2), atol=0.06, rtol=0)
    corners = torch.randn(4, 5)
    few, many = chapter.latent_torus(corners, 2, 3), chapter.latent_torus(corners, 4, 6)
    torch.testing.assert_close(few, many[::2, ::2], atol=1e-5, rtol=0)
    a, _, c, _ = corners
    torch.testing.assert_close(few[0, 0], (a + c) / math.sqrt(2))


@pytest.mark.parametrize(("k", "n"), [(0, 20), (3, 20), (20, 20), (200, 2000)])
def test_wilsons_interval_is_scipys(chapter, k, n):
    theirs = binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert chapter.wilson(k, n) == pytest.approx((theirs.low, theirs.high), abs=1e-4)


def test_auc_is_the_rank_sum_statistic(chapter):
    torch.manual_seed(0)
    real, fake = torch.randn(40).round(decimals=1), 0.5 + torch.randn(30).round(decimals=1)
    theirs = mannwhitneyu(fake.numpy(), real.numpy()).statistic / (40 * 30)
    assert chapter.auc(real, fake) == pytest.approx(theirs, abs=1e-6)
    assert chapter.auc(real, real) == pytest.approx(0.5)


def test_a_file_has_256_levels_and_changes_nothing_twice(chapter):
    images = 2 * torch.rand(2, 3, 8, 8) - 1
    once = chapter.as_file(images)
    assert torch.equal(chapter.as_file(once), once)
    assert (once - images).abs().max() <= 1 / 255 + 1e-6


def test_blur_is_torchvisions(chapter, images):
    theirs = gaussian_blur(images, [7, 7], 1.0)
    ours = chapter.blur(images, 1.0)
    inner = (..., slice(3, -3), slice(3, -3))  # they reflect at the border
    torch.testing.assert_close(ours[inner], theirs[inner], atol=1.1 / 255, rtol=0)


def test_jpeg_is_pillows(chapter, images):
    file = io.BytesIO()
    pixels = to_uint8(images[2]).permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(file, "JPEG", quality=40)
    theirs = torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1)
    assert torch.equal(to_uint8(chapter.jpeg(images, 40)[2]), theirs)


def test_shrinking_keeps_a_flat_picture_and_the_shape(chapter, images):
    flat = chapter.as_file(torch.full((1, 3, 16, 16), 0.3))
    torch.testing.assert_close(chapter.shrink_and_enlarge(flat, 10), flat)
    assert chapter.shrink_and_enlarge(images, 10).shape == images.shape


def test_noise_has_the_strength_asked_for(chapter):
    torch.manual_seed(0)
    change = chapter.add_noise(torch.zeros(1, 3, 200, 200), 8) * 127.5
    assert change.std().item() == pytest.approx(8, rel=0.02)


def test_the_spectrum_of_a_wave_is_one_ring(chapter):
    wave = torch.cos(2 * math.pi * 5 * torch.arange(32) / 32).expand(1, 3, 32, 32)
    rings = chapter.by_ring(chapter.mean_spectrum(wave))
    assert rings.shape == (17,) and rings.argmax() == 5


def test_the_spectrums_middle_is_the_squared_sum(chapter):
    images = torch.rand(3, 3, 8, 8)
    wanted = images.mean(dim=1).sum(dim=(1, 2)).square().log10().mean()
    torch.testing.assert_close(chapter.mean_spectrum(images)[4, 4], wanted, atol=1e-4, rtol=0)


def test_a_push_goes_against_the_gradients_sign_and_no_further(chapter):
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 1), nn.Flatten(0))
    images = chapter.as_file(torch.zeros(2, 3, 2, 2))
    pushed = chapter.push_to_real(network, images, levels=4, steps=6)
    step = -network[1].weight.sign().view(3, 2, 2) * 4 / 127.5
    torch.testing.assert_close(pushed, chapter.as_file(images + step))
    assert (network(pushed) < network(images)).all()


@pytest.mark.parametrize("fakes", [1, 10, 500])
def test_the_precision_of_alarms_counts_heads(chapter, fakes):
    caught, accused = Fraction(95 * fakes, 100), Fraction(5 * (1000 - fakes), 100)
    ours = chapter.precision_of_alarms(Fraction(fakes, 1000), Fraction(95, 100), Fraction(5, 100))
    assert ours == caught / (caught + accused)
