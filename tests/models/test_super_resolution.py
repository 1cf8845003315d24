"""ganbook.models.super_resolution and the weights that ship with the package."""

import pytest
import torch

from ganbook.data.photos import load_photo
from ganbook.data.resolution import enlarge, shrink
from ganbook.metrics.image_quality import psnr
from ganbook.models.super_resolution import load_super_resolution


@pytest.fixture(scope="module")
def answers():
    """Photographs that training never saw, and what bicubic and both networks make of them."""
    photos = torch.stack([load_photo(name, 128) for name in ("cat", "flower", "temple")])
    small = shrink(photos)
    found = {kind: load_super_resolution(kind)(small) for kind in ("mean", "sharp")}
    return photos, {"bicubic": enlarge(small).clamp(-1, 1), **found}


@pytest.mark.parametrize("kind", ["mean", "sharp"])
def test_the_shipped_networks_are_frozen_and_in_float32(kind):
    network = load_super_resolution(kind)
    assert not network.training
    assert not any(p.requires_grad for p in network.parameters())
    assert {p.dtype for p in network.parameters()} == {torch.float32}


def test_the_mean_is_nearest_to_the_truth_and_the_sharp_one_is_not(answers):
    photos, found = answers
    decibels = {name: psnr(images, photos).mean().item() for name, images in found.items()}
    assert 0.5 < decibels["mean"] - decibels["bicubic"] < 3
    assert 0.5 < decibels["mean"] - decibels["sharp"] < 3


def test_the_sharp_one_is_nearer_to_photographs_in_the_strength_of_its_details(answers):
    photos, found = answers

    def energy(images):
        return images.diff(dim=-1).square().mean().item()

    share = {name: energy(images) / energy(photos) for name, images in found.items()}
    assert share["bicubic"] < share["mean"] < 0.6 < share["sharp"] < 1.3


def test_another_kind():
    with pytest.raises(ValueError, match="kind is 'median'; accepted are mean, sharp"):
        load_super_resolution("median")
