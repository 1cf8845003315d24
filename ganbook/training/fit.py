"""The training loop: plumbing around a step function."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor

Step = Callable[[Any, Any], dict[str, Tensor]]
Callback = Callable[[Any, dict[str, Tensor]], None]

CHECK_EVERY = 50  # steps between looks at the losses: a look makes a GPU wait


class StoppedByHand(KeyboardInterrupt):
    """Ctrl-C, noticed between two steps: all networks are of the same step."""


def fit(
    state: Any, step: Step, batches: Iterable, steps: int, callbacks: Iterable[Callback] = ()
) -> Any:
    """Call ``step(state, batch)`` until ``state.step`` reaches ``steps``; return the state.

    Args:
        state: anything with ``step`` (int) and ``history``.
        step: one update of the networks; returns detached scalar tensors.
        batches: an iterator that does not end, such as a ``BatchStream``.
        steps: the total, steps before a resume included.
        callbacks: called as ``callback(state, metrics)`` after each step. One that is a context
            manager is entered before the first step and left at the end, also after an error.

    Raises:
        ValueError: ``steps`` is negative, or the batches ran out.
        FloatingPointError: a metric became NaN or infinite; nothing is saved afterwards.
        StoppedByHand: (a KeyboardInterrupt) Ctrl-C; the running step is finished first, so a
            checkpoint fits. A second Ctrl-C stops at once, with a plain KeyboardInterrupt.
    """
    if steps < 0:
        raise ValueError(f"steps must not be negative, got {steps}.")
    batches = iter(batches)
    with ExitStack() as stack, _interrupt_after_step() as interrupted:
        for callback in callbacks:
            if hasattr(callback, "__exit__"):
                stack.enter_context(callback)
        unseen = []  # metrics not looked at yet
        while state.step < steps:
            batch = next(batches, None)
            if batch is None:
                raise ValueError(f"The batches ran out after step {state.step} of {steps}.")
            metrics = step(state, batch)
            state.step += 1
            state.history.append(metrics)
            unseen += metrics.values()
            if state.step % CHECK_EVERY == 0 or state.step == steps:
                _stop_unless_finite(unseen, state)
                unseen.clear()
            for callback in callbacks:
                callback(state, metrics)
            if interrupted():
                _stop_unless_finite(unseen, state)
                raise StoppedByHand(f"Stopped by hand after step {state.step}.")
    return state


def _stop_unless_finite(values: list[Tensor], state: Any) -> None:
    if values and not torch.stack(values).isfinite().all():
        last = {name: state.history[name][-1] for name in state.history.names}
        raise FloatingPointError(
            f"A metric was NaN or infinite by step {state.step}: {last}. Training stopped; the "
            "last checkpoint is untouched."
        )


@contextmanager
def _interrupt_after_step() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C into a question that the loop asks after each step.

    A second Ctrl-C stops at once.
    """
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set  # signals reach only the main thread
        return
    previous = signal.getsignal(signal.SIGINT)

    def remember(signum, frame):
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    signal.signal(signal.SIGINT, remember)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, previous)
