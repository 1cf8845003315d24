"""ganbook.models.resnet_generator: parameters, shapes, padding, locality, refusals."""

import pytest
import torch
from torch.nn.functional import pad

from ganbook.models.resnet_generator import SMALL, ResidualBlock, ResNetGenerator


def count(network):
    return sum(p.numel() for p in network.parameters())


def convolutions(width, blocks):
    """Weights of c7s1-w, d2w, d4w, R4w * blocks, u2w, uw, c7s1-3, without any bias."""
    ends = 2 * 49 * 3 * width
    resize = 2 * 9 * (width * 2 * width + 2 * width * 4 * width)
    return ends + resize + blocks * 2 * 9 * (4 * width) ** 2


def maps_after_norms(width, blocks):
    return width + 2 * width + 4 * width + blocks * 2 * 4 * width + 2 * width + width


@pytest.mark.parametrize(("blocks", "millions"), [(6, 7.84), (9, 11.38)])
def test_the_papers_generators_have_their_parameters(blocks, millions):
    network = ResNetGenerator(3, 3, width=64, blocks=blocks)
    maps = maps_after_norms(64, blocks)
    papers = convolutions(64, blocks) + maps + 3  # a bias a map, and three in the last layer
    assert papers / 1e6 == pytest.approx(millions, abs=0.005)
    assert count(network) == papers + maps  # the deviation: scale and shift in place of the bias


@pytest.mark.parametrize("norm", ["instance", "batch", "none"])
@pytest.mark.parametrize("downs", [0, 1, 2])
def test_images_keep_their_size_and_lie_in_range(norm, downs):
    network = ResNetGenerator(1, 3, width=4, blocks=1, downs=downs, norm=norm)
    images = torch.randn(2, 1, 16, 24)
    out = network(images)
    assert out.shape == (2, 3, 16, 24)
    assert out.abs().max() < 1


def test_the_small_one_has_a_million_weights():
    assert count(ResNetGenerator(1, 1, **SMALL)) == pytest.approx(1e6, rel=0.1)


def test_without_norm_convolutions_have_their_bias():
    width, blocks = 4, 2
    network = ResNetGenerator(3, 3, width, blocks, norm="none")
    assert count(network) == convolutions(width, blocks) + maps_after_norms(width, blocks) + 3


def test_a_block_adds_its_correction_to_its_input():
    block = ResidualBlock(3, norm="none")
    h = torch.randn(2, 3, 5, 5)
    first, relu, second = (block.layers[i] for i in (0, 2, 3))
    by_hand = h + second(relu(first(h)))
    torch.testing.assert_close(block(h), by_hand)
    for p in block.parameters():
        torch.nn.init.zeros_(p)
    assert torch.equal(block(h), h)  # nothing to correct: the identity


def test_a_block_does_not_change_its_input_in_place():
    h = torch.randn(1, 2, 4, 4)
    before = h.clone()
    ResidualBlock(2, norm="none")(h)
    assert torch.equal(h, before)


@pytest.mark.parametrize(("padding", "mode"), [("reflect", "reflect"), ("zeros", "constant")])
def test_the_padding_is_the_one_asked_for(padding, mode):
    block = ResidualBlock(2, norm="none", padding=padding)
    h = torch.randn(1, 2, 6, 6)
    first = block.layers[0]
    bare = torch.nn.functional.conv2d(pad(h, (1, 1, 1, 1), mode=mode), first.weight, first.bias)
    torch.testing.assert_close(first(h), bare)


@pytest.mark.parametrize("padding", ["reflect", "zeros"])
def test_reflection_keeps_an_even_picture_even(padding):
    network = ResNetGenerator(1, 1, width=4, blocks=1, downs=0, norm="none", padding=padding)
    with torch.no_grad():
        for p in network.parameters():
            p.abs_().add_(0.01)
        out = network(torch.full((1, 1, 12, 12), 0.5))[0, 0]
    even = bool(torch.allclose(out, out[6, 6].expand_as(out)))
    assert even is (padding == "reflect")


@pytest.mark.parametrize("norm", ["instance", "none"])
def test_an_image_is_translated_alone(norm):
    network, images = ResNetGenerator(2, 2, 4, 1, 1, norm), torch.randn(3, 2, 16, 16)
    torch.testing.assert_close(network(images)[:1], network(images[:1]))


def test_gradients_reach_every_parameter_and_the_input():
    network = ResNetGenerator(1, 1, width=4, blocks=2, downs=1)
    images = torch.randn(2, 1, 8, 8, requires_grad=True)
    network(images).sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in network.parameters())
    assert images.grad.any()


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((30, 32), "30 x 32; both sides must be multiples of 4 and at least 8"),
        ((32, 31), "32 x 31; both sides must be multiples of 4"),
        ((4, 4), "4 x 4; both sides must be multiples of 4 and at least 8"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(size, message):
    with pytest.raises(ValueError, match=message):
        ResNetGenerator(1, 1, width=2, blocks=1)(torch.zeros(1, 1, *size))


@pytest.mark.parametrize("downs", [0, 1, 2, 3])
def test_the_least_size_works(downs):
    least = max(4, 2 * 2**downs)
    network = ResNetGenerator(1, 1, width=2, blocks=1, downs=downs)
    assert network(torch.zeros(1, 1, least, least)).shape == (1, 1, least, least)


@pytest.mark.parametrize("shape", [(1, 1, 32, 32), (3, 32, 32)])
def test_other_channels_are_refused(shape):
    with pytest.raises(ValueError, match=r"takes shape \(N, 3, H, W\), got \("):
        ResNetGenerator(3, 3, width=2, blocks=1)(torch.zeros(shape))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "width must be at least 1, got 0"),
        ({"blocks": -1}, "blocks must be at least 0, got -1"),
        ({"downs": -1}, "downs must be at least 0, got -1"),
        ({"padding": "circular"}, "padding is 'circular'; accepted are reflect, zeros"),
        ({"norm": "layer"}, "norm is 'layer'; accepted are batch, instance, none"),
    ],
)
def test_bad_arguments_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        ResNetGenerator(1, 1, **options)
