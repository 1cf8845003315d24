"""ganbook.losses.auxiliary: values worked by hand."""

import math

import pytest
import torch

from ganbook.losses.auxiliary import label_loss


def test_value_by_hand():
    # Odds 3 : 1 and 1 : 3, both asked for the first class: -(log 3/4 + log 1/4) / 2.
    logits = torch.tensor([[math.log(3.0), 0.0], [0.0, math.log(3.0)]])
    loss = label_loss([logits], torch.tensor([[0], [0]]))
    assert loss.shape == ()
    assert loss.item() == pytest.approx(-(math.log(3 / 4) + math.log(1 / 4)) / 2)


def test_equal_logits_give_the_log_of_the_number_of_classes_for_each_attribute():
    labels = torch.tensor([[0, 4], [2, 1], [1, 0]])
    loss = label_loss([torch.zeros(3, 3), torch.zeros(3, 5)], labels)
    assert loss.item() == pytest.approx(math.log(3) + math.log(5))


def test_the_gradient_is_probability_minus_target():
    logits = torch.randn(4, 3, requires_grad=True)
    labels = torch.tensor([[0], [1], [2], [1]])
    label_loss([logits], labels).backward()
    target = torch.nn.functional.one_hot(labels[:, 0], 3)
    torch.testing.assert_close(logits.grad, (logits.detach().softmax(1) - target) / 4)


def test_it_is_a_mean_over_the_batch():
    logits, labels = torch.randn(6, 3), torch.randint(3, (6, 1))
    parts = [label_loss([logits[i : i + 1]], labels[i : i + 1]) for i in range(6)]
    torch.testing.assert_close(label_loss([logits], labels), torch.stack(parts).mean())


def test_no_classifier_no_loss():
    assert label_loss([], torch.zeros(3, 1, dtype=torch.int64)).item() == 0


def test_bf16_logits_are_taken_in_float32():
    assert label_loss([torch.zeros(2, 3).bfloat16()], torch.zeros(2, 1).long()).dtype == torch.float


@pytest.mark.parametrize("shape", [(3,), (3, 1), (3, 3)])
def test_labels_of_another_shape_are_refused(shape):
    logits = [torch.zeros(3, 2), torch.zeros(3, 2)]
    with pytest.raises(ValueError, match=r"labels must have shape \(N, 2\), got \(3"):
        label_loss(logits, torch.zeros(shape, dtype=torch.int64))
