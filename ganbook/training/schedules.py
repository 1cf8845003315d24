"""Learning-rate schedules: functions of the step, so a resumed run needs no other memory."""

import math

from torch.optim import Optimizer


def linear_decay(step: int, steps: int, constant: int) -> float:
    """Return the factor of a rate that is kept for ``constant`` steps, then falls evenly to 0.

    Args:
        step: finished steps, from 0.
        steps: the total; at it the factor is 0.
        constant: steps at the full rate.

    Raises:
        ValueError: unless ``0 <= constant <= steps`` and ``step >= 0``.

    Source: Zhu, Park, Isola & Efros (2017), section 4, has half of the epochs for each part.
    """
    if not 0 <= constant <= steps or step < 0:
        raise ValueError(
            "step must not be negative and constant must lie between 0 and steps, "
            f"got step {step}, constant {constant}, steps {steps}."
        )
    if step < constant:
        return 1.0
    return max(0.0, (steps - step) / max(1, steps - constant))


def step_decay(step: int, every: int, factor: float) -> float:
    """Return ``factor`` to the power of the number of whole ``every`` steps finished.

    The rate falls in stairs and never rises again: nothing here is periodic. PyTorch calls it
    ``StepLR``.

    Args:
        step: finished steps, from 0.
        every: steps on one stair, at least 1.
        factor: in (0, 1], of one stair to the one before.

    Raises:
        ValueError: unless all three are in these ranges.
    """
    if step < 0 or every < 1 or not 0 < factor <= 1:
        raise ValueError(
            "step must not be negative, every must be at least 1 and factor must lie in (0, 1], "
            f"got step {step}, every {every}, factor {factor}."
        )
    return factor ** (step // every)


def cosine_decay(step: int, steps: int) -> float:
    r"""Return :math:`\tfrac12(1 + \cos(\pi t / T))`: from 1 at step 0 to 0 at the last.

    Args:
        step: t, finished steps, from 0; after ``steps`` the factor stays 0.
        steps: T, the total, at least 1.

    Raises:
        ValueError: unless both are in these ranges.

    Source: Loshchilov & Hutter (2017), SGDR, equation 5, without the restarts.
    """
    if step < 0 or steps < 1:
        raise ValueError(
            "step must not be negative and steps must be at least 1, "
            f"got step {step}, steps {steps}."
        )
    return 0.5 * (1 + math.cos(math.pi * min(step, steps) / steps))


def warmup_cosine(step: int, warmup: int, steps: int) -> float:
    """Return a factor that rises evenly over ``warmup`` steps, times :func:`cosine_decay`.

    Args:
        step: finished steps, from 0.
        warmup: steps until the rise ends, at least 1, which is no rise at all.
        steps: the total, at least 1; after them the factor stays 0.

    Raises:
        ValueError: unless all three are in these ranges.
    """
    if warmup < 1:
        raise ValueError(f"warmup_steps must be at least 1, got {warmup}.")
    return min(1.0, (step + 1) / warmup) * cosine_decay(step, steps)


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    """Give all parameter groups of the optimizer this learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate
