"""ganbook.models.adain_decoder: parameters, shapes, scale, gradients, refusals, shipped weights."""

import pytest
import torch
from torch.nn.functional import avg_pool2d

from ganbook.data.paintings import PAINTINGS
from ganbook.data.photos import load_photo
from ganbook.models.adain_decoder import (
    HELD_OUT_PAINTINGS,
    LAYER,
    AdaINDecoder,
    load_adain_decoder,
)
from ganbook.models.vgg import load_vgg16


def test_parameters_by_hand():
    """VGG-16's first five convolutions, mirrored, but for the sizes of their biases."""
    convolutions = [(256 + 3, 128), (128, 128), (128, 64), (64, 64), (64, 3)]
    expected = sum(9 * i * o + o for i, o in convolutions)
    assert sum(p.numel() for p in AdaINDecoder().parameters()) == expected == 558_531


@pytest.mark.parametrize("size", [(2, 2), (8, 5)])
def test_four_times_the_side(size):
    images = AdaINDecoder()(torch.rand(2, 256, *size), torch.rand(2, 3, *size))
    assert images.shape == (2, 3, 4 * size[0], 4 * size[1])


def test_the_scale_divides():
    torch.manual_seed(0)
    decoder, features = AdaINDecoder(), torch.rand(1, 256, 4, 4)
    scaled = AdaINDecoder(50.0)
    scaled.layers.load_state_dict(decoder.layers.state_dict())
    colours = torch.rand(1, 3, 4, 4)
    torch.testing.assert_close(scaled(50 * features, colours), decoder(features, colours))
    assert "scale" in decoder.state_dict()  # weights without it would mean nothing


def test_every_parameter_and_the_features_get_gradients():
    decoder, features = AdaINDecoder(), torch.rand(1, 256, 4, 4, requires_grad=True)
    colours = torch.rand(1, 3, 4, 4, requires_grad=True)
    decoder(features, colours).square().sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in decoder.parameters())
    assert features.grad.any() and colours.grad.any()


def test_what_is_drawn_is_added_to_the_colours():
    decoder, features = AdaINDecoder(), torch.rand(1, 256, 4, 4)
    torch.nn.init.zeros_(decoder.layers[-1].weight)
    torch.nn.init.zeros_(decoder.layers[-1].bias)
    colours = torch.rand(1, 3, 4, 4)
    image = decoder(features, colours)
    inner = colours[..., 1:3, 1:3]  # enlarging mixes a place with its neighbours
    torch.testing.assert_close(decoder(features, torch.ones_like(colours)), torch.ones_like(image))
    assert image.mean().item() == pytest.approx(colours.mean().item(), abs=1e-5)
    assert (image[..., 5:11:4, 5:11:4] - inner).abs().max() < 0.5


def test_reflection_keeps_a_plain_picture_plain():
    with torch.no_grad():
        plain = (torch.rand(1, n, 1, 1).expand(-1, -1, 4, 4) for n in (256, 3))
        image = AdaINDecoder()(*plain)
    torch.testing.assert_close(image, image[..., 8:9, 8:9].expand_as(image))


@pytest.mark.parametrize("shape", [(256, 4, 4), (1, 128, 4, 4), (1, 256, 1, 4)])
def test_bad_features(shape):
    with pytest.raises(ValueError, match=r"features must have shape \(N, 256, H, W\)"):
        AdaINDecoder()(torch.zeros(shape), torch.zeros(1, 3, 4, 4))


@pytest.mark.parametrize("shape", [(3, 4, 4), (1, 1, 4, 4), (2, 3, 4, 4), (1, 3, 16, 16)])
def test_bad_colours(shape):
    with pytest.raises(ValueError, match=r"colours must have shape \(1, 3, 4, 4\), got"):
        AdaINDecoder()(torch.zeros(1, 256, 4, 4), torch.zeros(shape))


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan")])
def test_bad_scales(scale):
    with pytest.raises(ValueError, match="scale must be positive, got"):
        AdaINDecoder(scale)


def test_the_shipped_decoder_is_frozen_in_float32_and_as_large_as_stated():
    decoder = load_adain_decoder()
    assert not decoder.training and not any(p.requires_grad for p in decoder.parameters())
    assert {p.dtype for p in decoder.parameters()} == {torch.float32}
    assert sum(p.numel() for p in decoder.parameters()) == 558_531
    assert decoder.scale > 1  # of VGG's activations, not the untrained decoder's


def test_the_shipped_decoder_gives_back_photos_it_has_not_seen():
    photos = torch.stack([load_photo(name, 96) for name in ("cat", "flower", "temple")])
    with torch.no_grad():
        features = load_vgg16("edges")(photos, LAYER)[LAYER]
        copied = load_adain_decoder()(features, avg_pool2d(photos, 4))
    error = (copied - photos).abs().mean((1, 2, 3))
    assert (error > 0).all() and (error < 0.2).all()


def test_what_is_held_out_exists():
    assert len(HELD_OUT_PAINTINGS) == 2 and set(HELD_OUT_PAINTINGS) < set(PAINTINGS)
