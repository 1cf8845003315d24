"""ganbook.models.denoiser: shapes, time, scales, errors."""

import pytest
import torch

from ganbook.models.denoiser import ConvDenoiser, MLPDenoiser, time_embedding


def test_the_embedding_by_hand():
    found = time_embedding(torch.tensor([0, 3]), 6)
    angles = 3 * torch.tensor([1.0, 0.01, 0.0001])
    torch.testing.assert_close(found[0], torch.tensor([0.0, 0, 0, 1, 1, 1]))
    torch.testing.assert_close(found[1], torch.cat([angles.sin(), angles.cos()]))


def test_times_are_told_apart():
    codes = time_embedding(torch.arange(1000), 32)
    assert (torch.cdist(codes, codes) + 9 * torch.eye(1000)).min() > 0.1


@pytest.mark.parametrize(
    ("network", "shape"),
    [
        (MLPDenoiser(2, 16), (5, 2)),
        (MLPDenoiser(7, 16), (5, 7)),
        (MLPDenoiser(3, 16, frequencies=0), (5, 3)),
        (ConvDenoiser(1, 8), (5, 1, 16, 16)),
        (ConvDenoiser(3, 16), (5, 3, 32, 16)),
        (ConvDenoiser(1, 8, patch=2), (5, 1, 16, 16)),
        (ConvDenoiser(3, 16, patch=4), (5, 3, 32, 16)),
    ],
)
def test_shapes_time_and_batch(network, shape):
    torch.manual_seed(0)
    for parameter in network.parameters():  # the last convolution starts at 0
        torch.nn.init.normal_(parameter, 0, 0.1)
    noisy, time = torch.randn(shape), torch.arange(5) * 20
    found = network(noisy, time)
    assert found.shape == shape
    torch.testing.assert_close(network(noisy[2:3], time[2:3]), found[2:3])
    assert not torch.allclose(network(noisy, time + 50), found, atol=1e-3)


def test_what_the_first_layer_sees_by_hand():
    network = MLPDenoiser(2, 4, times=4, frequencies=2)
    seen = []
    network.layers.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    network(torch.tensor([[0.5, -1.0]]), torch.tensor([3]))
    x = torch.tensor([0.5, -1.0])
    angles = torch.tensor([0.5, 1.0, -1.0, -2.0])  # each coordinate once and twice
    t = torch.tensor([3.0, 3e-4])
    expected = torch.cat([x, angles.sin(), angles.cos(), t.sin(), t.cos()])
    torch.testing.assert_close(seen[0][0], expected)
    assert MLPDenoiser(2, 4, times=4, frequencies=0).layers[0].in_features == 2 + 4


def test_the_features_tell_near_points_apart():
    """Two points 0.1 apart: the gap in what the first layer sees is several times the plain one."""
    near = torch.tensor([[0.3, 0.0], [0.4, 0.0]])
    gaps = []
    for frequencies in (0, 6):
        network, seen = MLPDenoiser(2, 4, frequencies=frequencies), []
        network.layers.register_forward_pre_hook(
            lambda m, inputs, kept=seen: kept.append(inputs[0])
        )
        network(near, torch.zeros(2, dtype=torch.int64))
        gaps.append((seen[0][0] - seen[0][1]).norm().item())
    assert gaps[0] == pytest.approx(0.1) and gaps[1] > 2


def test_the_convolutional_one_starts_by_predicting_nothing():
    network = ConvDenoiser(1, 8)
    assert not network(torch.randn(2, 1, 16, 16), torch.tensor([0, 9])).any()
    network(torch.randn(2, 1, 16, 16), torch.tensor([0, 9])).square().sum().backward()


def test_it_sees_the_whole_image_and_passes_details():
    torch.manual_seed(0)
    network = ConvDenoiser(1, 8)
    torch.nn.init.normal_(network.leave[-1].weight)
    noisy = torch.randn(1, 1, 32, 32, requires_grad=True)
    network(noisy, torch.tensor([5]))[0, 0, 16, 16].backward()
    seen = noisy.grad[0, 0] != 0
    assert seen[16, 10:22].all() and seen[8:24, 16].all()


def test_bad_input():
    for width in (0, 4, 12):
        with pytest.raises(ValueError, match=f"width must be a multiple of 8, got {width}"):
            ConvDenoiser(1, width)
    with pytest.raises(ValueError, match="patch must be at least 1, got 0"):
        ConvDenoiser(1, 8, patch=0)
    with pytest.raises(ValueError, match=r"multiple of 8, got \(2, 1, 28, 28\)"):
        ConvDenoiser(1, 8, patch=2)(torch.zeros(2, 1, 28, 28), torch.zeros(2, dtype=torch.int64))
    with pytest.raises(ValueError, match=r"multiple of 4, got \(2, 1, 28, 30\)"):
        ConvDenoiser(1, 8)(torch.zeros(2, 1, 28, 30), torch.zeros(2, dtype=torch.int64))
    for dim in (2, 5):
        with pytest.raises(ValueError, match=f"dim must be even and at least 4, got {dim}"):
            time_embedding(torch.zeros(1), dim)
