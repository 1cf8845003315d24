"""ganbook.style.losses: by hand, gradients, and what the divisor does."""

from types import SimpleNamespace

import pytest
import torch
from torch.autograd import gradcheck

from ganbook.style.losses import (
    check_weights,
    content_loss,
    relative_error,
    style_loss,
    total_variation,
)


def test_relative_error_by_hand():
    value, target = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    assert relative_error(value, target).item() == pytest.approx(8 / 25)
    assert relative_error(torch.zeros(2), target).item() == 1
    assert relative_error(target, target).item() == 0


def test_relative_error_has_no_scale():
    value, target = torch.randn(2, 3), torch.randn(2, 3)
    torch.testing.assert_close(
        relative_error(1000 * value, 1000 * target), relative_error(value, target)
    )


def test_a_target_of_zeros_gives_no_nan():
    assert relative_error(torch.zeros(3), torch.zeros(3)).item() == 0
    assert relative_error(torch.ones(3), torch.zeros(3)).item() > 1e30


def test_the_gradient_by_hand_and_none_to_the_target():
    value = torch.tensor([1.0, 2.0], requires_grad=True)
    target = torch.tensor([3.0, 4.0], requires_grad=True)
    relative_error(value, target).backward()
    torch.testing.assert_close(value.grad, torch.tensor([-4.0, -4.0]) / 25)
    assert target.grad is None


@pytest.mark.parametrize("loss", [content_loss, style_loss])
def test_layers_count_alike(loss):
    values = {"a": torch.zeros(1, 2, 3, 3), "b": torch.ones(1, 4, 2, 2), "extra": torch.ones(1)}
    targets = {"a": torch.full((1, 2, 3, 3), 100.0), "b": torch.full((1, 4, 2, 2), 2.0)}
    assert loss(values, targets).item() == pytest.approx((1 + 1 / 4) / 2)


@pytest.mark.parametrize("loss", [content_loss, style_loss])
def test_missing_layers_and_other_shapes(loss):
    with pytest.raises(ValueError, match="lacks b, c"):
        loss({"a": torch.ones(1)}, {"a": torch.ones(1), "b": torch.ones(1), "c": torch.ones(1)})
    with pytest.raises(ValueError, match="lacks every layer: targets is empty"):
        loss({"a": torch.ones(1)}, {})
    with pytest.raises(ValueError, match=r"one shape, got \(2,\) and \(3,\)"):
        loss({"a": torch.ones(2)}, {"a": torch.ones(3)})


def test_total_variation_by_hand():
    image = torch.tensor([[[[0.0, 1.0, 3.0], [2.0, 2.0, 2.0]]]])
    down, side = (2 + 1 + 1) / 3, (1 + 2 + 0 + 0) / 4
    assert total_variation(image).item() == pytest.approx(down + side)
    assert total_variation(torch.full((2, 3, 4, 4), 0.7)).item() == 0


def test_a_sharp_edge_costs_what_a_soft_one_does():
    sharp = torch.tensor([0.0, 0.0, 1.0, 1.0]).expand(1, 1, 4, 4)
    soft = torch.tensor([0.0, 1 / 3, 2 / 3, 1.0]).expand(1, 1, 4, 4)
    torch.testing.assert_close(total_variation(sharp), total_variation(soft))


def test_total_variations_gradient():
    image = torch.rand(2, 3, 4, 5, dtype=torch.double, requires_grad=True)
    assert gradcheck(total_variation, image)


@pytest.mark.parametrize("shape", [(3, 4, 4), (1, 3, 1, 4), (1, 3, 4, 1)])
def test_bad_images(shape):
    with pytest.raises(ValueError, match=r"images must be \(N, C, H, W\), 2 x 2 or more, got"):
        total_variation(torch.zeros(shape))


@pytest.mark.parametrize("bad", [-0.5, float("nan")])
def test_a_weight_below_0_is_named(bad):
    config = SimpleNamespace(content_weight=0.0, style_weight=bad)
    check_weights(config, ["content"])
    with pytest.raises(ValueError, match=f"style_weight must not be negative, got {bad}"):
        check_weights(config, ["content", "style"])
