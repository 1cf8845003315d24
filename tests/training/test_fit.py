"""ganbook.training.fit: the loop, NaN, and Ctrl-C."""

import itertools
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import torch

from ganbook.training.callbacks import CheckpointEvery
from ganbook.training.checkpoint import load_checkpoint
from ganbook.training.fit import CHECK_EVERY, StoppedByHand, fit


def test_steps_are_counted_and_recorded(tiny, batches):
    state = tiny.State()
    assert fit(state, tiny.step, batches, 4) is state
    assert state.step == 4
    assert state.history["loss"] == [0.0, 1.0, 2.0, 3.0]


def test_steps_are_the_total_of_a_resumed_run(tiny, batches):
    state = tiny.State()
    fit(state, tiny.step, batches, 3)
    fit(state, tiny.step, batches, 5)
    assert state.step == 5 and len(state.history) == 5
    fit(state, tiny.step, batches, 5)  # nothing left to do
    assert state.step == 5


def test_callbacks_see_each_finished_step_in_order(tiny, batches):
    seen = []
    callbacks = [
        lambda state, metrics: seen.append(("first", state.step, metrics["loss"].item())),
        lambda state, metrics: seen.append(("second", state.step, len(state.history))),
    ]
    fit(tiny.State(), tiny.step, batches, 2, callbacks)
    assert seen == [("first", 1, 0.0), ("second", 1, 1), ("first", 2, 1.0), ("second", 2, 2)]


class Managed:
    """A callback that notes when it is entered and left."""

    def __init__(self):
        self.events = []

    def __enter__(self):
        self.events.append("enter")
        return self

    def __call__(self, state, metrics):
        self.events.append(state.step)

    def __exit__(self, kind, *error):
        self.events.append(kind)


def test_a_context_manager_is_entered_and_left(tiny, batches):
    callback = Managed()
    fit(tiny.State(), tiny.step, batches, 2, [callback])
    assert callback.events == ["enter", 1, 2, None]


def test_a_context_manager_is_left_after_an_error(tiny, batches):
    def failing(state, batch):
        raise RuntimeError("in the step")

    callback = Managed()
    with pytest.raises(RuntimeError, match="in the step"):
        fit(tiny.State(), failing, batches, 2, [callback])
    assert callback.events == ["enter", RuntimeError]


def test_batches_that_run_out_are_reported(tiny):
    with pytest.raises(ValueError, match="ran out after step 2 of 5"):
        fit(tiny.State(), tiny.step, [(torch.zeros(1),)] * 2, 5)


def test_a_negative_number_of_steps_is_refused(tiny, batches):
    with pytest.raises(ValueError, match="steps must not be negative, got -1"):
        fit(tiny.State(), tiny.step, batches, -1)


def breaking_at(step, at, value, weights_too):
    def broken(state, batch):
        metrics = step(state, batch)
        if state.step + 1 == at:
            metrics["loss"] = torch.tensor(value)
            if weights_too:
                with torch.no_grad():
                    state.layer.weight.fill_(value)
        return metrics

    return broken


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("at", [1, CHECK_EVERY, CHECK_EVERY + 1])
def test_a_loss_that_is_not_finite_stops_the_run_within_the_interval(tiny, batches, value, at):
    state = tiny.State()
    step = breaking_at(tiny.step, at, value, weights_too=False)
    with pytest.raises(FloatingPointError, match=r"NaN or infinite by step \d+.*'loss'"):
        fit(state, step, batches, 1000)
    assert state.step == math.ceil(at / CHECK_EVERY) * CHECK_EVERY


def test_a_short_run_is_checked_at_its_end(tiny, batches):
    with pytest.raises(FloatingPointError, match="NaN or infinite by step 3"):
        fit(tiny.State(), breaking_at(tiny.step, 2, math.nan, False), batches, 3)


def test_the_last_good_checkpoint_stays(tiny, batches, tmp_path):
    path = tmp_path / "run.pt"
    step = breaking_at(tiny.step, 7, math.nan, weights_too=True)
    with pytest.raises(FloatingPointError, match=r"layer has NaN or infinite.*not written"):
        fit(tiny.State(), step, batches, 100, [CheckpointEvery(path, 5)])
    state = load_checkpoint(path, tiny.State())
    assert state.step == 5
    assert all(p.isfinite().all() for p in state.layer.parameters())


def test_nothing_is_saved_at_the_end_of_a_run_that_broke(tiny, batches, tmp_path):
    path = tmp_path / "run.pt"
    step = breaking_at(tiny.step, 48, math.nan, weights_too=False)
    with pytest.raises(FloatingPointError, match="by step 50"):
        fit(tiny.State(), step, batches, 100, [CheckpointEvery(path, 20)])
    assert load_checkpoint(path, tiny.State()).step == 40


def test_ctrl_c_finishes_the_step_and_saves(tiny, batches, tmp_path, capsys):
    path = tmp_path / "run.pt"

    def interrupted(state, batch):
        if state.step == 3:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
        return tiny.step(state, batch)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(StoppedByHand, match="Stopped by hand after step 4"):
        fit(tiny.State(), interrupted, batches, 100, [CheckpointEvery(path, 1000)])
    assert issubclass(StoppedByHand, KeyboardInterrupt)
    assert load_checkpoint(path, tiny.State()).step == 4
    assert "step 4 is saved" in capsys.readouterr().out
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_stops_at_once_and_saves_no_half_step(tiny, batches, tmp_path):
    path = tmp_path / "run.pt"

    def interrupted(state, batch):
        if state.step == 3:
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.05)
            pytest.fail("still running")
        return tiny.step(state, batch)

    state = tiny.State()
    with pytest.raises(KeyboardInterrupt) as caught:
        fit(state, interrupted, batches, 100, [CheckpointEvery(path, 2)])
    assert caught.type is KeyboardInterrupt
    assert state.step == 3
    assert load_checkpoint(path, tiny.State()).step == 2


def test_fit_runs_outside_the_main_thread(tiny, batches):
    state = tiny.State()
    thread = threading.Thread(target=fit, args=(state, tiny.step, batches, 3))
    thread.start()
    thread.join(30)
    assert state.step == 3


RUN = """
import json, sys
import torch
from torch.utils.data import TensorDataset
from ganbook.data.stream import BatchStream
from ganbook.gans import vanilla
from ganbook.runtime import seed_everything
from ganbook.training.callbacks import CheckpointEvery
from ganbook.training.checkpoint import load_checkpoint
from ganbook.training.fit import fit

path, resume, steps = sys.argv[1], sys.argv[2] == "resume", int(sys.argv[3])
torch.set_num_threads(1)
seed_everything(99 if resume else 0)
config = vanilla.Config(sample_shape=(2,), latent_dim=3, hidden=16, ema_half_life=100)
state = vanilla.build(config)
points = torch.randn(64, 2, generator=torch.Generator().manual_seed(7))
batches = BatchStream(TensorDataset(points), 8, seed=5 if resume else 0)
if resume:
    load_checkpoint(path, state, batches)
announce = lambda state, metrics: print(state.step, flush=True) if state.step < 20 else None
fit(state, vanilla.step, batches, steps, [CheckpointEvery(path, 10**6, batches), announce])
print(json.dumps([state.step, state.history["g_loss"], state.sample(4).tolist()]))
"""


def start(path, mode, steps):
    command = [sys.executable, "-c", RUN, str(path), mode, str(steps)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_run_stopped_by_a_real_ctrl_c_resumes_as_if_uninterrupted(tiny, tmp_path):
    path = tmp_path / "run.pt"
    process = start(path, "new", 10**9)
    for line in itertools.islice(process.stdout, 10):
        assert int(line) > 0
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode != 0 and "StoppedByHand" in errors
    stopped_at = int(output.split("step ")[1].split()[0])
    assert f"step {stopped_at} is saved in {path}" in output

    total = stopped_at + 30
    resumed, whole = start(path, "resume", total), start(tmp_path / "whole.pt", "new", total)
    results = []
    for process in (resumed, whole):
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        results.append(json.loads(output.splitlines()[-1]))
    assert results[0] == results[1]
    assert results[0][0] == len(results[0][1]) == total
