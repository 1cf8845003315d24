"""ganbook.training.schedules: factors worked by hand and PyTorch's scheduler."""

import pytest
import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import LambdaLR

from ganbook.training.schedules import linear_decay, set_learning_rate


def test_values_worked_by_hand():
    factors = [linear_decay(step, steps=8, constant=4) for step in range(10)]
    assert factors == [1, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0, 0]


def test_without_a_constant_part_and_without_a_decay():
    assert [linear_decay(step, 4, 0) for step in (0, 1, 4)] == [1, 0.75, 0]
    assert [linear_decay(step, 4, 4) for step in (0, 3, 4)] == [1, 1, 0]


def test_pytorchs_scheduler_with_this_factor_agrees():
    ours, theirs = (SGD([torch.zeros(1, requires_grad=True)], lr=0.3) for _ in range(2))
    schedule = LambdaLR(theirs, lambda step: linear_decay(step, 10, 5))
    for step in range(10):
        set_learning_rate(ours, 0.3 * linear_decay(step, 10, 5))
        assert ours.param_groups[0]["lr"] == theirs.param_groups[0]["lr"]
        theirs.step()
        schedule.step()


@pytest.mark.parametrize(("step", "steps", "constant"), [(-1, 4, 2), (0, 4, 5), (0, 4, -1)])
def test_what_makes_no_schedule_is_refused(step, steps, constant):
    with pytest.raises(ValueError, match=f"got step {step}, constant {constant}, steps {steps}"):
        linear_decay(step, steps, constant)
