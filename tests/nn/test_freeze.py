"""ganbook.nn.freeze: no gradient to the parameters, but through them."""

import pytest
import torch
from torch import nn

from ganbook.nn.freeze import frozen


def test_gradients_flow_through_but_not_into():
    layer = nn.Linear(2, 1)
    x = torch.ones(3, 2, requires_grad=True)
    with frozen(layer) as inside:
        assert inside is layer
        layer(x).sum().backward()
    torch.testing.assert_close(x.grad, layer.weight.detach().expand(3, 2))
    assert layer.weight.grad is None and layer.bias.grad is None


def test_each_flag_is_restored():
    layer = nn.Linear(2, 1)
    layer.bias.requires_grad_(False)
    with frozen(layer):
        assert not layer.weight.requires_grad
    assert layer.weight.requires_grad
    assert not layer.bias.requires_grad


def test_flags_are_restored_after_an_error():
    layer = nn.Linear(2, 1)
    with pytest.raises(RuntimeError, match="inside"), frozen(layer):
        raise RuntimeError("inside")
    assert layer.weight.requires_grad and layer.bias.requires_grad
