"""ganbook.train.stop_together: a signal ends the run after a whole step."""

import os
import signal
from types import SimpleNamespace

import pytest

from ganbook.train.processes import Processes
from ganbook.train.stop_together import StopTogether
from ganbook.training.fit import StoppedByHand, fit
from ganbook.training.history import History


def run(step, processes, steps=5):
    state = SimpleNamespace(step=0, history=History())
    stop = StopTogether(processes)
    with stop:
        fit(state, step, iter(range(100)), steps, [stop])
    return state


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_stops_after_the_step(number):
    handlers = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    finished = []

    def step(state, batch):
        if state.step == 2:
            os.kill(os.getpid(), number)
        finished.append(state.step)
        return {}

    with pytest.raises(StoppedByHand, match="after step 3"):
        run(step, Processes())
    assert finished == [0, 1, 2]
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_a_second_ctrl_c_stops_one_process_at_once():
    def step(state, batch):
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("not reached")

    with pytest.raises(KeyboardInterrupt) as stopped:
        run(step, Processes())
    assert not isinstance(stopped.value, StoppedByHand)


def test_several_processes_get_it_twice_and_agree():
    def step(state, batch):
        if state.step == 1:
            for _ in range(2):  # from the terminal, and from torchrun
                os.kill(os.getpid(), signal.SIGINT)
        return {}

    asked = []

    def any_of_them(flag):
        asked.append(flag)
        return len(asked) == 3  # another one says yes a step later

    together = SimpleNamespace(count=2, any=any_of_them)
    with pytest.raises(StoppedByHand, match="after step 3"):
        run(step, together)
    assert asked == [False, True, True]


def test_without_a_signal_all_steps_run():
    assert run(lambda state, batch: {}, Processes()).step == 5


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 1), (signal.SIGINT, 7)])
def test_workers_that_read_files_can_be_ended(number, code):
    with StopTogether(Processes()) as stop:
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), number)
            os._exit(7)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == code and not stop.told
