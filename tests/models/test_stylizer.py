"""ganbook.models.stylizer and the weights that ship with the package."""

import pytest
import torch

from ganbook.data.paintings import load_painting
from ganbook.data.photos import load_photo
from ganbook.models.stylizer import STYLIZERS, load_stylizer
from ganbook.models.vgg import load_vgg16
from ganbook.style import fast

HELD_OUT = ("cat", "flower")


@pytest.fixture(scope="module")
def network():
    return load_stylizer("strokes")


@pytest.fixture(scope="module")
def photos():
    return torch.stack([load_photo(name, 128) for name in HELD_OUT])


@pytest.fixture(scope="module")
def painted(network, photos):
    return fast.stylize(network, photos)


def test_it_is_frozen_in_float32_and_as_large_as_stated(network):
    assert not network.training
    assert not any(p.requires_grad for p in network.parameters())
    assert {p.dtype for p in network.parameters()} == {torch.float32}
    assert sum(p.numel() for p in network.parameters()) == 424_259
    assert "strokes" in STYLIZERS


def test_photos_it_has_not_seen_get_nearer_to_the_style_and_keep_what_they_show(photos, painted):
    config = fast.Config()
    state = fast.build(config, load_painting("strokes", 256)[None], load_vgg16("edges"))
    before = fast.painting_losses(state.teacher, photos, photos, config)
    after = fast.painting_losses(state.teacher, photos, painted, config)
    assert 0 < after["style"] < 0.2 * before["style"]
    assert after["palette"] < 0.1 * before["palette"]
    other = fast.painting_losses(state.teacher, photos.flip(0), painted, config)
    assert 0 < after["content"] < 0.9 * other["content"]
    assert after["light"] < 0.15 < 0.8 < other["light"]


def test_paintings_are_in_range_and_use_it(painted, photos):
    assert painted.shape == photos.shape
    assert 0.5 < painted.abs().max() <= 1
    assert 0.1 < painted.std() < 0.9
    assert (painted - photos).abs().mean() > 0.1


def test_bad_name():
    with pytest.raises(ValueError, match="stylizer is 'monet'; accepted are strokes"):
        load_stylizer("monet")
