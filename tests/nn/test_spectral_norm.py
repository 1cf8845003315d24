"""ganbook.nn.spectral_norm: the largest singular value becomes 1, and is remembered."""

import copy

import pytest
import torch
from torch import nn

from ganbook.models.dcgan import DCGANDiscriminator
from ganbook.models.mlp import MLPDiscriminator
from ganbook.nn.spectral_norm import add_spectral_norm


def largest(weight):
    return torch.linalg.svdvals(weight.detach().flatten(1))[0].item()


@pytest.mark.parametrize("scale", [0.01, 30.0])
def test_the_largest_singular_value_becomes_one(scale):
    torch.manual_seed(0)
    network = MLPDiscriminator((2,), 16)
    for parameter in network.parameters():
        parameter.data *= scale
    assert add_spectral_norm(network) is network
    for _ in range(100):
        network(torch.randn(3, 2))
    for module in network.modules():
        if isinstance(module, nn.Linear):
            assert largest(module.weight) == pytest.approx(1.0, abs=1e-3)


def test_it_is_the_weight_over_its_largest_singular_value():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 8, 4, 2, 1))
    original = network[0].weight.detach().clone()
    add_spectral_norm(network)
    for _ in range(200):
        network(torch.randn(1, 3, 8, 8))
    torch.testing.assert_close(network[0].weight.detach(), original / largest(original))
    torch.testing.assert_close(network[0].parametrizations.weight.original.detach(), original)


def test_a_network_of_it_is_1_lipschitz():
    torch.manual_seed(0)
    network = MLPDiscriminator((2,), 32)
    for parameter in network.parameters():
        parameter.data *= 20
    x = torch.randn(500, 2, requires_grad=True)

    def steepest():
        (gradient,) = torch.autograd.grad(network(x).sum(), x)
        return gradient.norm(dim=1).max().item()

    assert steepest() > 100
    add_spectral_norm(network)
    for _ in range(100):
        network(x)
    assert 0.01 < steepest() <= 1.001


def test_every_layer_of_a_dcgan_has_it_and_none_twice():
    network = add_spectral_norm(DCGANDiscriminator(1, 32, 4, norm="none"))
    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert len(layers) == 4
    assert all(nn.utils.parametrize.is_parametrized(layer, "weight") for layer in layers)
    assert not any(nn.utils.parametrize.is_parametrized(layer, "bias") for layer in layers)
    with pytest.raises(ValueError, match="DCGANDiscriminator has spectral norm already"):
        add_spectral_norm(network)


def test_eval_mode_leaves_the_iteration_alone_and_the_state_holds_it():
    torch.manual_seed(0)
    network = add_spectral_norm(MLPDiscriminator((2,), 8))
    x = torch.randn(4, 2)
    network(x)
    saved = copy.deepcopy(network.state_dict())
    assert sum(name.endswith(("._u", "._v")) for name in saved) == 6
    network.eval()
    network(x)
    torch.testing.assert_close(network.state_dict(), saved, rtol=0, atol=0)
    other = add_spectral_norm(MLPDiscriminator((2,), 8))
    other.load_state_dict(saved)
    network.train()
    for _ in range(3):
        torch.testing.assert_close(other(x), network(x), rtol=0, atol=0)


def test_more_iterations_are_nearer():
    errors = []
    for iterations in (1, 20):
        torch.manual_seed(3)
        network = add_spectral_norm(nn.Sequential(nn.Linear(50, 50)), iterations)
        network(torch.randn(1, 50))
        errors.append(abs(largest(network[0].weight) - 1))
    assert errors[1] < errors[0]


def test_what_cannot_have_it_is_refused():
    with pytest.raises(ValueError, match="ReLU has no linear or convolutional layer"):
        add_spectral_norm(nn.ReLU())
    with pytest.raises(ValueError, match="iterations must be at least 1, got 0"):
        add_spectral_norm(nn.Linear(2, 2), 0)
