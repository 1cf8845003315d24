"""ganbook.nn.norm: batch and instance normalisation against their definitions."""

import pytest
import torch
from torch import nn

from ganbook.nn.norm import needs_bias, norm_layer


def by_hand(h, dims):
    mean = h.mean(dims, keepdim=True)
    variance = h.var(dims, keepdim=True, correction=0)
    return (h - mean) / (variance + 1e-5).sqrt()


@pytest.mark.parametrize(("kind", "dims"), [("batch", (0, 2, 3)), ("instance", (2, 3))])
def test_values_are_those_of_the_definition(kind, dims):
    h = 3 + 2 * torch.randn(4, 3, 5, 5)
    layer = norm_layer(kind, 3)
    torch.testing.assert_close(layer(h), by_hand(h, dims))
    nn.init.constant_(layer.weight, 2.0)
    nn.init.constant_(layer.bias, -1.0)
    torch.testing.assert_close(layer(h), 2 * by_hand(h, dims) - 1)


def test_instance_norm_treats_each_image_alone_and_batch_norm_does_not():
    h = torch.randn(4, 3, 5, 5)
    for kind, alone in (("instance", True), ("batch", False)):
        layer = norm_layer(kind, 3)
        assert torch.allclose(layer(h)[:1], layer(h[:1]), atol=1e-6) == alone


def test_none_changes_nothing():
    h = torch.randn(2, 3, 4, 4)
    assert norm_layer("none", 3)(h) is h


def test_only_without_a_norm_a_bias_is_of_use():
    assert [needs_bias(kind) for kind in ("batch", "instance", "none")] == [False, False, True]
    h, bias = torch.randn(2, 3, 4, 4), torch.randn(3, 1, 1)
    for kind in ("batch", "instance"):
        torch.testing.assert_close(norm_layer(kind, 3)(h + bias), norm_layer(kind, 3)(h))


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match="norm is 'layer'; accepted are batch, instance, none"):
        norm_layer("layer", 3)
