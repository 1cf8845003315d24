"""Learning-rate schedules: functions of the step, so a resumed run needs no other memory."""

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


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    """Give all parameter groups of the optimizer this learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate
