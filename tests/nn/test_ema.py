"""ganbook.nn.ema: the average's half-life, buffers and state."""

import copy

import pytest
import torch
from torch import nn

from ganbook.nn.ema import EMA


def constant(value):
    layer = nn.Linear(2, 3)
    for parameter in layer.parameters():
        nn.init.constant_(parameter, value)
    return layer


@pytest.mark.parametrize("batch_size", [1, 8, 50, 200])
def test_after_one_half_life_a_constant_source_is_half_way(batch_size):
    ema = EMA(constant(1.0), half_life_images=400, ramp=None)
    source = constant(3.0)
    for _ in range(400 // batch_size):
        ema.update(source, batch_size)
    for value in ema.module.parameters():
        torch.testing.assert_close(value, torch.full_like(value, 2.0))
    for _ in range(400 // batch_size):
        ema.update(source, batch_size)
    for value in ema.module.parameters():
        torch.testing.assert_close(value, torch.full_like(value, 2.5))


def test_one_batch_by_hand():
    ema = EMA(constant(0.0), half_life_images=16, ramp=None)
    ema.update(constant(1.0), 32)  # two half-lives: a quarter of the old is left
    torch.testing.assert_close(ema.module.bias, torch.full((3,), 0.75))


def test_the_ramp_shortens_the_half_life_early():
    ema = EMA(constant(0.0), half_life_images=1000, ramp=0.5)
    ema.update(constant(1.0), 10)  # half-life 0.5 * 10 = 5 images: a quarter is left
    torch.testing.assert_close(ema.module.bias, torch.full((3,), 0.75))
    ema.update(constant(1.0), 10)  # half-life 10 images: half of the distance is left
    torch.testing.assert_close(ema.module.bias, torch.full((3,), 0.875))


def test_the_ramp_ends_at_the_half_life():
    ema = EMA(constant(0.0), half_life_images=10, ramp=1.0)
    for _ in range(3):
        ema.update(constant(0.0), 100)
    ema.update(constant(1.0), 10)
    torch.testing.assert_close(ema.module.bias, torch.full((3,), 0.5))


def test_buffers_are_averaged_or_copied():
    source = nn.BatchNorm2d(2)
    ema = EMA(source, half_life_images=4, ramp=None)
    source.running_mean.fill_(8.0)
    source.num_batches_tracked.fill_(7)
    ema.update(source, 4)
    torch.testing.assert_close(ema.module.running_mean, torch.full((2,), 4.0))
    assert ema.module.num_batches_tracked.item() == 7


def test_the_copy_is_separate_frozen_and_in_eval_mode():
    source = nn.Sequential(nn.Linear(2, 2), nn.Dropout())
    before = copy.deepcopy(source.state_dict())
    ema = EMA(source, 10)
    ema.train()
    assert not ema.module.training and not ema.module[1].training
    assert source.training
    assert not any(p.requires_grad for p in ema.parameters())
    assert all(p.requires_grad for p in source.parameters())
    ema.update(constant_like(source, 5.0), 10)
    torch.testing.assert_close(source.state_dict(), before)


def constant_like(module, value):
    module = copy.deepcopy(module)
    for parameter in module.parameters():
        nn.init.constant_(parameter, value)
    return module


def test_a_loaded_average_continues_exactly():
    torch.manual_seed(0)
    sources = [nn.Linear(4, 4) for _ in range(10)]
    whole = EMA(sources[0], 100)
    for source in sources:
        whole.update(source, 8)

    half = EMA(sources[0], 100)
    for source in sources[:5]:
        half.update(source, 8)
    resumed = EMA(nn.Linear(4, 4), 100)
    resumed.load_state_dict(half.state_dict())
    for source in sources[5:]:
        resumed.update(source, 8)
    torch.testing.assert_close(resumed.state_dict(), whole.state_dict(), rtol=0, atol=0)
    assert resumed.images_seen.item() == 80


@pytest.mark.parametrize("half_life", [0, 0.5, -3])
def test_a_half_life_below_one_image_is_refused(half_life):
    with pytest.raises(ValueError, match=f"half_life_images must be at least 1, got {half_life}"):
        EMA(nn.Linear(1, 1), half_life)
