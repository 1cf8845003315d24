"""ganbook.models.patchgan: receptive fields, shapes, parameters, refusals."""

import pytest
import torch

from ganbook.models.patchgan import PatchGAN, receptive_field


@pytest.mark.parametrize(("layers", "side"), [(1, 16), (2, 34), (3, 70), (4, 142)])
def test_receptive_field_is_the_papers(layers, side):
    assert receptive_field(layers) == side


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_logit_depends_on_its_patch_and_on_nothing_else(layers):
    side = 128
    network = PatchGAN(3, width=4, layers=layers, norm="none").double()
    images = torch.randn(1, 3, side, side, dtype=torch.float64, requires_grad=True)
    logits = network(images)
    middle = logits.shape[-1] // 2
    logits[0, 0, middle, middle].backward()
    rows = images.grad.abs().sum((0, 1, 3)).nonzero().flatten()
    columns = images.grad.abs().sum((0, 1, 2)).nonzero().flatten()
    assert len(rows) == len(columns) == receptive_field(layers)
    assert rows[-1] - rows[0] + 1 == receptive_field(layers)


def test_at_256_the_map_is_30_x_30_and_the_weights_the_papers():
    network = PatchGAN(3, width=64, layers=3, norm="batch")
    assert network(torch.zeros(1, 3, 256, 256)).shape == (1, 1, 30, 30)
    convolutions = 64 * (3 * 16 + 1) + 16 * (64 * 128 + 128 * 256 + 256 * 512) + 512 * 16 + 1
    norms = 2 * (128 + 256 + 512)
    assert sum(p.numel() for p in network.parameters()) == convolutions + norms


@pytest.mark.parametrize("norm", ["instance", "none"])
def test_an_image_is_judged_alone(norm):
    network, images = PatchGAN(2, width=4, layers=1, norm=norm), torch.randn(3, 2, 32, 32)
    torch.testing.assert_close(network(images)[:1], network(images[:1]))


def test_the_width_stops_growing_at_eight_times():
    network = PatchGAN(1, width=2, layers=5, norm="none")
    assert max(p.shape[0] for p in network.parameters()) == 16


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"takes shape \(N, 3, H, W\), got \(1, 1, 64, 64\)"):
        PatchGAN(3, 4, layers=1)(torch.zeros(1, 1, 64, 64))
    with pytest.raises(ValueError, match="Patches of 70 x 70 do not fit into images of 64 x 64"):
        PatchGAN(3, 4, layers=3)(torch.zeros(1, 3, 64, 64))
    with pytest.raises(ValueError, match="layers must be at least 1, got 0"):
        PatchGAN(3, 4, layers=0)
    with pytest.raises(ValueError, match="norm is 'group'"):
        PatchGAN(3, 4, norm="group")
