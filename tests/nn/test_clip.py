"""ganbook.nn.clip: every parameter in the range, nothing else touched."""

import math

import pytest
import torch
from torch import nn

from ganbook.models.dcgan import DCGANDiscriminator
from ganbook.nn.clip import clip_weights


def test_values_by_hand():
    layer = nn.Linear(4, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[-3.0, -0.1, 0.05, 0.7]]))
        layer.bias.fill_(0.2)
    clip_weights(layer, 0.1)
    torch.testing.assert_close(layer.weight.detach(), torch.tensor([[-0.1, -0.1, 0.05, 0.1]]))
    torch.testing.assert_close(layer.bias.detach(), torch.tensor([0.1]))
    assert layer.weight.requires_grad and layer.weight.grad_fn is None


def test_all_parameters_and_no_buffers():
    network = DCGANDiscriminator(1, 16, 4)
    network(torch.rand(3, 1, 16, 16))
    before = {name: value.clone() for name, value in network.named_buffers()}
    clip_weights(network, 0.01)
    limits = [p.abs().max().item() for p in network.parameters()]
    assert max(limits) == pytest.approx(0.01)
    torch.testing.assert_close(dict(network.named_buffers()), before, rtol=0, atol=0)
    again = [p.clone() for p in network.parameters()]
    clip_weights(network, 0.01)
    torch.testing.assert_close(list(network.parameters()), again, rtol=0, atol=0)


@pytest.mark.parametrize("limit", [0.0, -0.01, math.nan])
def test_a_limit_that_is_not_positive_is_refused(limit):
    with pytest.raises(ValueError, match=f"limit must be positive, got {limit}"):
        clip_weights(nn.Linear(1, 1), limit)
