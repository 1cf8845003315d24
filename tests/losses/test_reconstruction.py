"""ganbook.losses.reconstruction: values by hand, gradients, median and mean."""

import pytest
import torch

from ganbook.losses.reconstruction import reconstruction_loss

KINDS = ("l1", "l2")


def test_values_by_hand():
    output, target = torch.tensor([[1.0, -1.0], [0.5, 0.0]]), torch.tensor([[0.0, 1.0], [0.5, 3.0]])
    assert reconstruction_loss(output, target, "l1").item() == pytest.approx((1 + 2 + 0 + 3) / 4)
    assert reconstruction_loss(output, target, "l2").item() == pytest.approx((1 + 4 + 0 + 9) / 4)
    assert reconstruction_loss(output, target).item() == pytest.approx(1.5)
    assert reconstruction_loss(output, target).shape == ()


def gradient(kind, output, target):
    output = output.clone().requires_grad_()
    reconstruction_loss(output, target, kind).backward()
    return output.grad


def test_l1_pushes_every_pixel_alike_and_l2_by_its_error():
    output, target = torch.tensor([3.0, -0.5, 0.01, 0.0]), torch.zeros(4)
    expected = torch.tensor([1.0, -1.0, 1.0, 0.0]) / 4
    torch.testing.assert_close(gradient("l1", output, target), expected)
    torch.testing.assert_close(gradient("l2", output, target), 2 * output / 4)


@pytest.mark.parametrize(("kind", "best"), [("l1", 0.2), ("l2", 0.42)])
def test_the_best_constant_is_the_median_or_the_mean(kind, best):
    answers = torch.tensor([0.0, 0.1, 0.2, 0.8, 1.0])  # median 0.2, mean 0.42
    candidates = torch.linspace(0, 1, 101)
    losses = [reconstruction_loss(c.expand(5), answers, kind) for c in candidates]
    assert candidates[torch.stack(losses).argmin()].item() == pytest.approx(best)


@pytest.mark.parametrize("kind", KINDS)
def test_the_mean_over_the_batch_is_that_of_its_parts(kind):
    output, target = torch.randn(2, 6, 3, 4, 4)
    parts = [reconstruction_loss(output[k::2], target[k::2], kind) for k in range(2)]
    torch.testing.assert_close(torch.stack(parts).mean(), reconstruction_loss(output, target, kind))


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"differ in shape: \(2, 1, 4, 4\), \(2, 3, 4, 4\)"):
        reconstruction_loss(torch.zeros(2, 1, 4, 4), torch.zeros(2, 3, 4, 4))
    with pytest.raises(ValueError, match="kind is 'L1'; accepted are l1, l2"):
        reconstruction_loss(torch.zeros(2), torch.zeros(2), "L1")
