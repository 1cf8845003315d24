"""ganbook.nn.init: the statistics of DCGAN's initial weights."""

import pytest
import torch
from torch import nn

from ganbook.nn.init import dcgan_init


@pytest.mark.parametrize(
    "layer",
    [nn.Conv2d(64, 64, 4), nn.ConvTranspose2d(64, 64, 4), nn.Linear(256, 256)],
    ids=lambda layer: type(layer).__name__,
)
def test_convolutions_and_linear_layers(layer):
    torch.manual_seed(0)
    layer.apply(dcgan_init)
    assert layer.weight.mean().item() == pytest.approx(0.0, abs=4e-4)  # 5 standard errors
    assert layer.weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert not layer.bias.any()


def test_batch_norm_is_centred_on_one():
    torch.manual_seed(0)
    layer = nn.BatchNorm2d(20_000).apply(dcgan_init)
    assert layer.weight.mean().item() == pytest.approx(1.0, abs=7e-4)
    assert layer.weight.std().item() == pytest.approx(0.02, rel=0.03)
    assert not layer.bias.any()


def test_layers_without_bias_and_other_layers():
    nn.Conv2d(2, 2, 3, bias=False).apply(dcgan_init)
    norm = nn.LayerNorm(3).apply(dcgan_init)
    torch.testing.assert_close(norm.weight, torch.ones(3))
