"""ganbook.losses.cycle: hand-worked values, gradients, the batch's mean, refusals."""

import math

import pytest
import torch

from ganbook.losses.cycle import cycle_consistency_loss, identity_loss, semantic_loss

PIXEL_LOSSES = [cycle_consistency_loss, identity_loss]


@pytest.mark.parametrize("loss", PIXEL_LOSSES)
def test_it_is_the_mean_absolute_difference(loss):
    made = torch.tensor([[[[0.5, -1.0]]], [[[0.0, 1.0]]]])  # (2, 1, 1, 2)
    real = torch.tensor([[[[0.0, 1.0]]], [[[0.0, 0.5]]]])
    value = loss(made, real)
    assert value.shape == ()
    assert value.item() == pytest.approx((0.5 + 2.0 + 0.0 + 0.5) / 4)
    assert loss(real, real).item() == 0


@pytest.mark.parametrize("loss", PIXEL_LOSSES)
def test_its_gradient_is_the_sign_over_the_number_of_pixels(loss):
    made = torch.tensor([[[[0.5, -1.0], [2.0, 0.1]]]], requires_grad=True)
    loss(made, torch.zeros(1, 1, 2, 2)).backward()
    expected = torch.tensor([[[[0.25, -0.25], [0.25, 0.25]]]])
    torch.testing.assert_close(made.grad, expected)


@pytest.mark.parametrize("loss", PIXEL_LOSSES)
def test_a_batch_has_the_mean_of_its_images(loss):
    made, real = torch.randn(5, 3, 4, 4), torch.randn(5, 3, 4, 4)
    alone = torch.stack([loss(made[i : i + 1], real[i : i + 1]) for i in range(5)])
    torch.testing.assert_close(loss(made, real), alone.mean())


@pytest.mark.parametrize(
    ("loss", "names"),
    [
        (cycle_consistency_loss, "recovered and original"),
        (identity_loss, "same and target"),
        (semantic_loss, "translated_logits and original_logits"),
    ],
)
def test_other_shapes_are_refused_not_broadcast(loss, names):
    message = rf"{names} must have one shape, got \(2, 3\) and \(1, 3\)"
    with pytest.raises(ValueError, match=message):
        loss(torch.zeros(2, 3), torch.zeros(1, 3))


def test_semantic_loss_is_the_cross_entropy_of_the_class_read_before():
    before = torch.tensor([[0.1, 0.9, 0.0], [5.0, -1.0, 4.9]])  # classes 1 and 0
    after = torch.tensor([[0.0, math.log(2), 0.0], [0.0, 0.0, 0.0]])
    value = semantic_loss(after, before)
    assert value.item() == pytest.approx((math.log(4 / 2) + math.log(3)) / 2)


def test_semantic_loss_counts_only_the_largest_of_the_original():
    after = torch.randn(4, 10)
    before = torch.randn(4, 10)
    torch.testing.assert_close(semantic_loss(after, before), semantic_loss(after, 7 * before))


def test_semantic_loss_sends_its_gradient_to_the_translation_alone():
    before = torch.tensor([[2.0, 0.0]], requires_grad=True)
    after = torch.zeros(1, 2, requires_grad=True)
    semantic_loss(after, before).backward()
    torch.testing.assert_close(after.grad, torch.tensor([[-0.5, 0.5]]))  # softmax minus one-hot
    assert before.grad is None


def test_semantic_loss_of_a_batch_is_the_mean_of_its_images():
    after, before = torch.randn(5, 10), torch.randn(5, 10)
    alone = [semantic_loss(after[i : i + 1], before[i : i + 1]) for i in range(5)]
    torch.testing.assert_close(semantic_loss(after, before), torch.stack(alone).mean())
