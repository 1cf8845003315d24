"""What differs between the processes of one run, kept in the one checkpoint that process 0 writes.

Weights and optimizers are alike in all processes. Random generators are not (each draws latents of
its own), nor are image buffers. Both are gathered when process 0 saves, so all take part in it.
"""

from dataclasses import fields
from typing import Any

import torch

from ganbook.train.processes import Processes
from ganbook.training.callbacks import CheckpointEvery
from ganbook.training.image_buffer import ImageBuffer


class EachProcess:
    """A stream of batches whose saved state holds every process's own part, too.

    ``state_dict`` waits until all processes have called it.

    Args:
        batches: the stream, which is alike in all processes.
        state: of the GAN, in this process.
        processes: of the run.
    """

    def __init__(self, batches: Any, state: Any, processes: Processes):
        self.batches, self.state, self.processes = batches, state, processes
        self.own: dict[str, Any] | None = None

    def __iter__(self) -> "EachProcess":
        return self

    def __next__(self) -> Any:
        return next(self.batches)

    def state_dict(self) -> dict[str, Any]:
        """Return the stream's state and the list of what each process has of its own."""
        own = {
            "random": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
            "buffers": {name: buffer.state_dict() for name, buffer in _buffers(self.state).items()},
        }
        return {"batches": self.batches.state_dict(), "processes": self.processes.gather(own)}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Restore the stream, and remember this process's part for :meth:`restore`.

        Raises:
            ValueError: another number of processes saved it.
        """
        count = len(saved["processes"])
        if count != self.processes.count:
            raise ValueError(
                f"The run was saved by {count} processes, here are {self.processes.count}."
            )
        self.batches.load_state_dict(saved["batches"])
        self.own = saved["processes"][self.processes.rank]

    def restore(self) -> None:
        """Restore this process's part, after the checkpoint brought that of process 0."""
        for name, buffer in _buffers(self.state).items():
            buffer.load_state_dict(self.own["buffers"][name])
        torch.set_rng_state(self.own["random"])
        if torch.cuda.is_available() and self.own["cuda"] is not None:
            torch.cuda.set_rng_state(self.own["cuda"])


class TakePart(CheckpointEvery):
    """For the processes that write no checkpoint: give their part whenever process 0 saves."""

    def _save(self) -> None:
        self.batches.state_dict()
        self.saved_step = self.state.step


def _buffers(state: Any) -> dict[str, ImageBuffer]:
    values = {field.name: getattr(state, field.name) for field in fields(state)}
    return {name: value for name, value in values.items() if isinstance(value, ImageBuffer)}
