"""Gradient descent on the pixels of an image: the network stays, the image learns."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim import LBFGS, Adam

OPTIMIZERS = ("lbfgs", "adam")
ADAM_RATE = 0.05  # of a range that is 2 wide
# L-BFGS starts with a step along the gradient. PyTorch's moves all pixels together by 1, each by
# almost nothing, and learns a curvature there that misleads the second step. So: by this, each.
FIRST_MOVE = 0.01
LARGEST_MOVE = 0.1  # of a pixel in one step, in the mean: without a line search, this stops leaps

Losses = dict[str, Tensor]
Callback = Callable[[int, Tensor, Losses], None]


@dataclass(frozen=True, eq=False)
class Result:
    """What an optimisation leaves.

    ``image`` is ``(N, 3, H, W)`` in [-1, 1]; ``losses`` has each loss by name, ``(steps,)`` on the
    CPU, its first value that of the image at the start.
    """

    image: Tensor
    losses: Losses


def optimise(
    image: Tensor,
    loss: Callable[[Tensor], Losses],
    steps: int,
    optimizer: str = "lbfgs",
    learning_rate: float | None = None,
    callback: Callback | None = None,
) -> Result:
    """Change an image so that ``loss(image)["total"]`` falls; evaluate it once a step.

    The pixels are free while they are painted; what is returned is clipped to [-1, 1].

    Args:
        image: the start, ``(N, C, H, W)`` in [-1, 1]; it is not changed.
        loss: gives scalars by name, of which ``total`` is minimised and the others are recorded.
        steps: evaluations, and updates, at least 1.
        optimizer: ``lbfgs`` (no line search, memory of 10) or ``adam``.
        learning_rate: 1 for ``lbfgs`` and 0.05 for ``adam`` if None.
        callback: called as ``callback(step, image, losses)`` after each step, with a clipped copy
            of the image and the losses that led to it, those of the image before.

    Raises:
        ValueError: steps or learning rate too small, or another optimizer.
        FloatingPointError: the loss became NaN or infinite.
    """
    check_optimizer(steps, optimizer, learning_rate)
    image = image.detach().clone().contiguous().requires_grad_()
    rate = learning_rate or (1.0 if optimizer == "lbfgs" else ADAM_RATE)
    if optimizer == "lbfgs":
        # One evaluation a call; its own rules for stopping would end it without a word.
        never = {"tolerance_grad": 0, "tolerance_change": 0}
        painter = LBFGS([image], rate * FIRST_MOVE * image.numel(), 1, history_size=10, **never)
    else:
        painter = Adam([image], rate, betas=(0.9, 0.99))
    recorded = []

    def evaluate() -> Tensor:
        parts = loss(image)
        recorded.append({name: value.detach() for name, value in parts.items()})
        # Starts at 1 for each pixel value: below, the optimizers' small constants would count.
        total = parts["total"] * image.numel() / recorded[0]["total"].abs().clamp(min=1e-12)
        (gradient,) = torch.autograd.grad(total, image)
        image.grad = gradient.contiguous()  # L-BFGS flattens it with view
        return total.detach()

    for step in range(1, steps + 1):
        painter.step(evaluate)
        if optimizer == "lbfgs":
            painter.param_groups[0]["lr"] = rate
            _shorten(painter, image)
        if not recorded[-1]["total"].isfinite():
            raise FloatingPointError(
                f"The loss was NaN or infinite at step {step} of {steps}; try a smaller "
                "learning_rate, or optimizer='adam'."
            )
        if callback is not None:
            callback(step, image.detach().clamp(-1, 1), recorded[-1])
    losses = {name: torch.stack([r[name] for r in recorded]).cpu() for name in recorded[0]}
    return Result(image.detach().clamp(-1, 1), losses)


def _shorten(painter: LBFGS, image: Tensor) -> None:
    """Take back what the last move had too much; the optimizer's memory (d, t) agrees with it."""
    memory = painter.state[image]
    if "t" not in memory:
        return  # a gradient of 0: nothing has moved
    move = memory["t"] * memory["d"].abs().mean()
    factor = (LARGEST_MOVE / move).clamp(max=1)
    with torch.no_grad():
        image.sub_(((1 - factor) * memory["t"] * memory["d"]).view_as(image))
    memory["t"] = factor * memory["t"]


def check_optimizer(steps: int, optimizer: str, learning_rate: float | None) -> None:
    """Raise a ValueError unless :func:`optimise` accepts these."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}.")
    if optimizer not in OPTIMIZERS:
        raise ValueError(f"optimizer is {optimizer!r}; accepted are {', '.join(OPTIMIZERS)}.")
    if learning_rate is not None and not learning_rate > 0:
        raise ValueError(f"learning_rate must be positive, got {learning_rate}.")
