"""ganbook.data.transforms: between uint8 files and [-1, 1]."""

import math
import pickle

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from ganbook.data.transforms import check_images, image_transform, to_model_range, to_uint8

ALL_VALUES = torch.arange(256, dtype=torch.uint8)


def test_the_ends_and_the_middle():
    expected = torch.tensor([-1.0, -0.2, 0.2, 1.0])
    torch.testing.assert_close(
        to_model_range(torch.tensor([0, 102, 153, 255], dtype=torch.uint8)), expected
    )
    assert to_model_range(ALL_VALUES).dtype == torch.float32


def test_there_and_back_is_exact():
    assert torch.equal(to_uint8(to_model_range(ALL_VALUES)), ALL_VALUES)
    half = to_model_range(ALL_VALUES).to(torch.bfloat16)  # a bf16 network's output
    assert torch.equal(to_uint8(half), ALL_VALUES)


def test_to_uint8_rounds_and_clips():
    values = torch.tensor([-5.0, -1.0, -1 + 0.49 / 127.5, -1 + 0.51 / 127.5, 1.0, 5.0])
    assert to_uint8(values).tolist() == [0, 0, 0, 1, 255, 255]


def test_wrong_dtypes_are_refused():
    with pytest.raises(TypeError, match=r"takes uint8 images \(0..255\), got torch.float32"):
        to_model_range(torch.zeros(1))
    with pytest.raises(TypeError, match=r"floating-point images in \[-1, 1\], got torch.uint8"):
        to_uint8(ALL_VALUES)


def test_image_transform_keeps_the_middle():
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:, 20:40] = (255, 0, 51)  # the middle square
    result = image_transform(20)(Image.fromarray(pixels))
    assert result.shape == (3, 20, 20) and result.dtype == torch.float32
    expected = torch.tensor([1.0, -1.0, -0.6])[:, None, None].expand(3, 20, 20)
    torch.testing.assert_close(result, expected)


@pytest.mark.parametrize("shape", [(50, 30), (30, 50), (7, 9), (200, 200)])
def test_image_transform_gives_the_size_asked_for(shape):
    picture = Image.fromarray(np.full((*shape, 3), 102, np.uint8))
    result = image_transform(16)(picture)
    torch.testing.assert_close(result, torch.full((3, 16, 16), -0.2))
    gray = image_transform(16, grayscale=True)(picture)
    torch.testing.assert_close(gray, torch.full((1, 16, 16), -0.2))


@pytest.mark.parametrize("shape", [(50, 30), (31, 50), (7, 9), (20, 20), (211, 300)])
@pytest.mark.parametrize("grayscale", [False, True])
def test_image_transform_is_torchvisions(shape, grayscale):
    noise = torch.randint(256, (*shape, 3), generator=torch.Generator().manual_seed(0))
    picture = Image.fromarray(noise.byte().numpy())
    theirs = v2.Compose(
        [
            v2.Grayscale() if grayscale else v2.RGB(),
            v2.PILToTensor(),
            v2.Resize(20, antialias=True),
            v2.CenterCrop(20),
        ]
    )
    assert torch.equal(image_transform(20, grayscale)(picture), to_model_range(theirs(picture)))


def test_image_transform_can_be_sent_to_a_loaders_worker():
    copy = pickle.loads(pickle.dumps(image_transform(4)))
    assert copy(Image.new("RGB", (8, 6))).shape == (3, 4, 4)


def test_gray_images_become_rgb():
    result = image_transform(4)(Image.new("L", (4, 4), 153))
    torch.testing.assert_close(result, torch.full((3, 4, 4), 0.2))


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (torch.zeros(1, 1, 2, 2, dtype=torch.uint8), TypeError, "x must be float.*torch.uint8"),
        (torch.zeros(1, 2, 2), ValueError, r"x must have shape \(N, C, H, W\), got \(1, 2, 2\)"),
        (torch.zeros(1, 3, 2, 2), ValueError, "x must have 1 channels, got 3"),
        (torch.full((1, 1, 2, 2), math.nan), ValueError, "x has NaN or infinite"),
        (torch.full((1, 1, 2, 2), math.inf), ValueError, "x has NaN or infinite"),
        (torch.full((1, 1, 2, 2), 255.0), ValueError, r"\[-1, 1\], got values from 255 to 255"),
        (torch.full((1, 1, 2, 2), -1.1), ValueError, r"\[-1, 1\], got values from -1.1 to"),
    ],
)
def test_check_images_says_what_came(images, error, message):
    with pytest.raises(error, match=message):
        check_images(images, "x", channels=1)


def test_check_images_accepts_the_range_and_its_rounding():
    check_images(torch.linspace(-1.0005, 1.0005, 12).view(1, 3, 2, 2), "x")
    check_images(torch.ones(2, 1, 2, 2, dtype=torch.bfloat16), "x", channels=1)
