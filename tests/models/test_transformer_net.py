"""ganbook.models.transformer_net: parameters, shapes, range, gradients, refusals."""

import pytest
import torch

from ganbook.models.transformer_net import TransformerNet


def test_parameters_by_hand():
    """Weights, biases and two numbers a map for each normalisation, the paper's widths."""
    convolutions = [(3, 32, 9), (32, 64, 3), (64, 128, 3), *[(128, 128, 3)] * 10]
    convolutions += [(128, 64, 3), (64, 32, 3)]
    normalised = sum(o for _, o, _ in convolutions)
    weights = sum(i * o * k * k for i, o, k in convolutions) + 32 * 3 * 81
    biases = 32 + 64 + 128 + 64 + 32 + 3  # the residual blocks have none before their norms
    count = sum(p.numel() for p in TransformerNet().parameters())
    assert count == weights + biases + 2 * normalised
    assert count < 1.7e6  # 3.4 MB in half precision


@pytest.mark.parametrize("norm", ["instance", "batch", "none"])
@pytest.mark.parametrize("size", [(8, 8), (32, 20)])
def test_images_keep_their_size_and_range(norm, size):
    network = TransformerNet(width=4, blocks=1, norm=norm)
    out = network(torch.rand(2, 3, *size) * 2 - 1)
    assert out.shape == (2, 3, *size) and out.abs().max() <= 1


def test_every_parameter_that_counts_and_the_input_get_gradients():
    network = TransformerNet(width=4, blocks=2, norm="none")
    images = (torch.rand(1, 3, 16, 16) * 2 - 1).requires_grad_()
    network(images).square().sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in network.parameters())
    assert images.grad.any()


def test_an_image_is_painted_alone():
    network, images = TransformerNet(width=4, blocks=1), torch.rand(3, 3, 16, 16)
    torch.testing.assert_close(network(images)[:1], network(images[:1]))


def test_reflection_keeps_a_plain_picture_plain():
    network = TransformerNet(width=4, blocks=2, norm="none")
    with torch.no_grad():
        out = network(torch.full((1, 3, 16, 16), 0.3))[0]
    torch.testing.assert_close(out, out[:, 8:9, 8:9].expand_as(out))


def test_width_and_blocks_may_be_small():
    assert TransformerNet(width=1, blocks=0)(torch.zeros(1, 3, 8, 8)).shape == (1, 3, 8, 8)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((3, 8, 8), r"images must have shape \(N, 3, H, W\), got \(3, 8, 8\)"),
        ((1, 1, 8, 8), r"images must have shape \(N, 3, H, W\), got \(1, 1, 8, 8\)"),
        ((1, 3, 30, 32), "30 x 32; both sides must be multiples of 4 and at least 8"),
        ((1, 3, 4, 8), "4 x 8; both sides must be multiples of 4 and at least 8"),
    ],
)
def test_bad_images(shape, message):
    with pytest.raises(ValueError, match=message):
        TransformerNet(width=2, blocks=0)(torch.zeros(shape))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "width must be at least 1, got 0"),
        ({"blocks": -1}, "blocks must be at least 0, got -1"),
        ({"norm": "layer"}, "norm is 'layer'"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        TransformerNet(**options)
