"""ganbook.data.paintings: shape, range, determinism, contrast and colour; refusals."""

from functools import cache

import pytest
import torch

from ganbook.data.paintings import PAINTINGS, load_painting
from ganbook.style.colour import to_yiq


@cache
def painting(name, size=96, seed=0):
    return load_painting(name, size, seed)


@pytest.mark.parametrize("name", PAINTINGS)
def test_every_painting(name):
    image = painting(name)
    assert image.shape == (3, 96, 96) and image.dtype == torch.float32
    assert image.min() >= -1 and image.max() <= 1
    bright, *axes = to_yiq(image[None])[0]
    assert 0.25 < bright.std() < 0.8  # contrast: a photo has about 0.4
    colourfulness = torch.stack(axes).std(dim=(1, 2)).norm().item()
    low, high = (0.01, 0.1) if name == "hatching" else (0.1, 0.6)
    assert low < colourfulness < high
    # Texture at several scales: neither flat nor noise.
    for step in (1, 4, 16):
        assert (image[..., step:] - image[..., :-step]).abs().mean() > 0.05
    assert image.diff(dim=2).abs().mean() < 0.6


@pytest.mark.parametrize("name", PAINTINGS)
def test_the_seed_decides(name):
    assert torch.equal(load_painting(name, 32), load_painting(name, 32, seed=0))
    other = load_painting(name, 32, seed=1)
    assert not torch.equal(load_painting(name, 32), other)


@pytest.mark.parametrize("name", PAINTINGS)
def test_a_larger_one_is_the_same_composition(name):
    large = load_painting(name, 48)
    small = load_painting(name, 24)
    reduced = large.view(3, 24, 2, 24, 2).mean(dim=(2, 4))
    blurred = [torch.nn.functional.avg_pool2d(x, 4) for x in (reduced, small)]
    both = torch.corrcoef(torch.stack([x.flatten() for x in blurred]))
    assert both[0, 1] > 0.8


def test_bad_input():
    with pytest.raises(ValueError, match="painting is 'oil'; accepted are strokes, mosaic, points"):
        load_painting("oil")
    with pytest.raises(ValueError, match="size must be at least 16, got 8"):
        load_painting("strokes", 8)


def test_changing_a_painting_changes_no_later_one():
    load_painting("glass", 16).zero_()
    assert load_painting("glass", 16).std() > 0.1
