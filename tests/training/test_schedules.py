"""ganbook.training.schedules: factors worked by hand and PyTorch's scheduler."""

import pytest
import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, StepLR

from ganbook.training.schedules import (
    cosine_decay,
    linear_decay,
    set_learning_rate,
    step_decay,
    warmup_cosine,
)


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


def test_stairs_worked_by_hand():
    factors = [step_decay(step, every=3, factor=0.5) for step in range(8)]
    assert factors == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert {step_decay(step, 3, 1.0) for step in range(8)} == {1}


def test_half_a_cosine_worked_by_hand():
    factors = [cosine_decay(step, 6) for step in (0, 2, 3, 4, 6, 9)]
    assert factors == pytest.approx([1, 0.75, 0.5, 0.25, 0, 0])


@pytest.mark.parametrize(
    ("factor", "scheduler"),
    [
        (lambda step: step_decay(step, 3, 0.7), lambda optimizer: StepLR(optimizer, 3, 0.7)),
        (lambda step: cosine_decay(step, 10), lambda optimizer: CosineAnnealingLR(optimizer, 10)),
    ],
)
def test_pytorchs_own_schedulers_agree(factor, scheduler):
    optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    schedule = scheduler(optimizer)
    for step in range(11):
        assert optimizer.param_groups[0]["lr"] == pytest.approx(0.3 * factor(step), abs=1e-12)
        optimizer.step()
        schedule.step()


@pytest.mark.parametrize(
    ("step", "every", "factor"), [(-1, 4, 0.5), (0, 0, 0.5), (0, 4, 0.0), (0, 4, 1.1)]
)
def test_what_makes_no_stairs_is_refused(step, every, factor):
    with pytest.raises(ValueError, match=f"got step {step}, every {every}, factor {factor}"):
        step_decay(step, every, factor)


@pytest.mark.parametrize(("step", "steps"), [(-1, 4), (0, 0)])
def test_what_makes_no_cosine_is_refused(step, steps):
    with pytest.raises(ValueError, match=f"got step {step}, steps {steps}"):
        cosine_decay(step, steps)


def test_a_warm_up_by_hand():
    factors = [warmup_cosine(step, 4, 6) for step in range(8)]
    expected = [1 / 4, 2 / 4 * cosine_decay(1, 6), 3 / 4 * 0.75, 0.5, 0.25]
    assert factors == pytest.approx([*expected, cosine_decay(5, 6), 0, 0])
    assert [warmup_cosine(step, 1, 6) for step in range(8)] == [
        cosine_decay(step, 6) for step in range(8)
    ]
    with pytest.raises(ValueError, match="warmup_steps must be at least 1, got 0"):
        warmup_cosine(0, 0, 6)
    with pytest.raises(ValueError, match="steps must be at least 1"):
        warmup_cosine(0, 1, 0)
