"""ganbook.train.each_process: what is each process's own comes back to it."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
import torch

from ganbook.train.each_process import EachProcess, TakePart
from ganbook.train.processes import Processes
from ganbook.training.fit import StoppedByHand
from ganbook.training.image_buffer import ImageBuffer


@dataclass
class State:
    """A state with a buffer, and a part that is no buffer."""

    buffer: ImageBuffer = field(default_factory=lambda: ImageBuffer(2))
    step: int = 0


class Counter:
    """A stream: 0, 1, 2, …"""

    def __init__(self):
        self.at = 0

    def __next__(self):
        self.at += 1
        return self.at - 1

    def state_dict(self):
        return {"at": self.at}

    def load_state_dict(self, saved):
        self.at = saved["at"]


def test_stream_generators_and_buffers_come_back():
    state = State()
    state.buffer.query(torch.ones(1, 1, 2, 2))
    every = EachProcess(Counter(), state, Processes())
    assert iter(every) is every and [next(every), next(every)] == [0, 1]
    saved = every.state_dict()
    expected = torch.rand(3)
    other = State()
    again = EachProcess(Counter(), other, Processes())
    again.load_state_dict(saved)
    again.restore()
    assert torch.equal(torch.rand(3), expected)
    assert next(again) == 2
    assert len(other.buffer) == 1 and torch.equal(other.buffer.images[0], torch.ones(1, 2, 2))


def test_two_processes_get_each_its_own(two):
    for rank, found in enumerate(two):
        found = found["each process"]
        assert found["same"] is True and found["buffer"] == rank
        assert found["refused"] == "The run was saved by 2 processes, here are 3."


@pytest.mark.parametrize(
    ("error", "saves"), [(None, [2, 4, 5]), (StoppedByHand, [2, 4, 5]), (ValueError, [2, 4])]
)
def test_the_part_is_given_whenever_a_checkpoint_is_written(error, saves, tmp_path, capsys):
    state, calls = State(), []
    batches = SimpleNamespace(state_dict=lambda: calls.append(state.step))
    part = TakePart(tmp_path / "x.pt", 2, batches)
    for step in range(1, 6):
        state.step = step
        part(state, {})
    part.__exit__(error, None, None)
    assert calls == saves and list(tmp_path.iterdir()) == []
