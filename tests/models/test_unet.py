"""ganbook.models.unet: shapes, the paper's sizes, what the skips carry, refusals."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from ganbook.models.unet import UNet


@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
@pytest.mark.parametrize("skips", [True, False])
@pytest.mark.parametrize(("downs", "size"), [(2, (12, 8)), (4, (32, 48)), (5, (32, 32))])
def test_the_output_has_the_inputs_size_and_lies_in_range(norm, skips, downs, size):
    network = UNet(1, 3, width=4, downs=downs, norm=norm, skips=skips)
    images = network(torch.randn(2, 1, *size))
    assert images.shape == (2, 3, *size)
    assert images.abs().max() <= 1 and images.std() > 0


def test_at_256_it_has_the_weights_of_the_paper():
    network = UNet(3, 3, width=64, downs=8)
    encoder, decoder = [64, 128, 256, 512, 512, 512, 512, 512], [512, 512, 512, 512, 256, 128, 64]
    weights = 16 * (3 * 64 + sum(a * b for a, b in pairwise(encoder)))
    below = [512, *(2 * c for c in decoder[:-1])]  # the bottleneck, then each map with its skip
    weights += 16 * (sum(a * b for a, b in zip(below, decoder)) + 2 * 64 * 3)
    biases = 64 + 512 + 3  # first layer, bottleneck, last layer: no norm follows them
    norms = 2 * (sum(encoder[1:-1]) + sum(decoder))
    assert sum(p.numel() for p in network.parameters()) == weights + biases + norms
    assert weights + biases + norms == 54_414_531
    assert len(network.encoder) == len(network.decoder) == 8


def test_only_the_decoders_first_three_layers_have_dropout():
    network = UNet(width=4, downs=6, dropout=0.3)
    layers = [
        [m for m in block.modules() if isinstance(m, nn.Dropout)] for block in network.decoder
    ]
    assert [len(found) for found in layers] == [1, 1, 1, 0, 0, 0]
    assert layers[0][0].p == 0.3
    assert not any(isinstance(m, nn.Dropout) for m in network.encoder.modules())


def test_dropout_is_the_only_noise():
    network, images = UNet(1, 1, width=4, downs=3, norm="none"), torch.randn(2, 1, 16, 16)
    assert not torch.equal(network(images), network(images))
    network.eval()
    assert torch.equal(network(images), network(images))
    quiet = UNet(1, 1, width=4, downs=3, norm="none", dropout=0)
    assert torch.equal(quiet(images), quiet(images))


@pytest.mark.parametrize("skips", [True, False])
def test_without_skips_everything_goes_through_the_bottleneck(skips):
    network = UNet(1, 1, width=4, downs=3, norm="none", dropout=0, skips=skips)
    network.encoder[-1].register_forward_hook(lambda module, inputs, output: output * 0)
    with torch.no_grad():
        for p in network.parameters():
            nn.init.normal_(p, 0, 0.3)
        first, second = network(torch.randn(2, 1, 16, 16))
    assert torch.equal(first, second) is not skips


def test_each_layer_of_the_decoder_sees_the_encoders_map_of_its_size():
    network = UNet(2, 1, width=4, downs=4, norm="none", dropout=0)
    seen = {}
    for name, blocks in (("encoder", network.encoder), ("decoder", network.decoder)):
        for k, block in enumerate(blocks):
            block.register_forward_hook(
                lambda module, inputs, output, key=(name, k): seen.update(
                    {key: (inputs[0].detach(), output.detach())}
                )
            )
    network(torch.randn(1, 2, 32, 32))
    assert torch.equal(seen["decoder", 0][0], seen["encoder", 3][1])
    for k in (1, 2, 3):
        below, skip = seen["decoder", k][0].chunk(2, dim=1)
        assert torch.equal(below, seen["decoder", k - 1][1])
        assert torch.equal(skip, seen["encoder", 3 - k][1])


def test_the_bottleneck_may_be_one_pixel_also_with_instance_norm():
    network = UNet(1, 1, width=2, downs=4, norm="instance", dropout=0, skips=False)
    first, second = network(torch.randn(2, 1, 16, 16))
    assert not torch.allclose(first, second)


def test_instance_norm_keeps_images_apart_and_equals_batch_norm_at_one_image():
    nets = {}
    for norm in ("batch", "instance"):
        torch.manual_seed(0)
        nets[norm] = UNet(1, 3, width=4, downs=3, norm=norm, dropout=0)
        for p in nets[norm].parameters():  # instance norm's own start is 1, batch norm's N(1, 0.02)
            nn.init.normal_(p, 0.1, 0.1, generator=torch.Generator().manual_seed(p.numel()))
    images = torch.randn(3, 1, 16, 16)
    torch.testing.assert_close(nets["instance"](images)[:1], nets["instance"](images[:1]))
    torch.testing.assert_close(nets["instance"](images[:1]), nets["batch"](images[:1]))
    assert not torch.allclose(nets["instance"](images)[:1], nets["batch"](images)[:1], atol=1e-3)


def test_without_tanh_it_gives_the_logits_that_tanh_would_squash():
    torch.manual_seed(0)
    bounded = UNet(1, 4, width=4, downs=2, dropout=0)
    free = UNet(1, 4, width=4, downs=2, dropout=0, tanh=False)
    free.load_state_dict(bounded.state_dict())
    images = torch.randn(2, 1, 8, 8)
    torch.testing.assert_close(free(images).tanh(), bounded(images))


def test_every_parameter_gets_a_gradient():
    network = UNet(1, 2, width=4, downs=4, dropout=0)
    network(torch.randn(2, 1, 32, 32)).square().mean().backward()
    assert all(p.grad is not None and p.grad.any() for p in network.parameters())


def test_convolutions_start_as_dcgans():
    weight = UNet(width=16, downs=4).encoder[2][1].weight
    assert weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert weight.mean().item() == pytest.approx(0, abs=1e-3)


def test_bad_input_is_refused():
    network = UNet(3, 3, width=2, downs=4)
    with pytest.raises(ValueError, match=r"takes shape \(N, 3, H, W\), got \(1, 1, 32, 32\)"):
        network(torch.zeros(1, 1, 32, 32))
    with pytest.raises(ValueError, match="Images are 32 x 40; both sides must be multiples of 16"):
        network(torch.zeros(1, 3, 32, 40))
    with pytest.raises(ValueError, match="downs must be at least 2, got 1"):
        UNet(downs=1)
    with pytest.raises(ValueError, match="norm is 'layer'; accepted are batch, instance, none"):
        UNet(norm="layer")
