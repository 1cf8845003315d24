"""ganbook.training.checkpoint: whole or not at all, and nothing unpickled.

That a resumed GAN continues to the bit is tested in tests/gans/test_vanilla.py.
"""

import json
import math
import pickle
import random
import subprocess
import sys
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from ganbook.training.checkpoint import load_checkpoint, save_checkpoint


def test_all_random_generators_continue(tiny, tmp_path):
    def draw():
        return random.random(), np.random.rand(), np.random.randn(), torch.rand(()).item()

    random.seed(1), np.random.seed(2), torch.manual_seed(3)
    draw()  # leaves NumPy with a second normal number in store
    save_checkpoint(tmp_path / "x.pt", tiny.State())
    expected = [draw() for _ in range(3)]
    random.seed(7), np.random.seed(7), torch.manual_seed(7)
    load_checkpoint(tmp_path / "x.pt", tiny.State())
    assert [draw() for _ in range(3)] == expected


def test_saving_changes_nothing(tiny, tmp_path):
    state = tiny.State(step=3)
    before = torch.get_rng_state()
    save_checkpoint(tmp_path / "new" / "folder" / "x.pt", state)  # folders are made
    assert torch.equal(torch.get_rng_state(), before)
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["x.pt"]
    other = tiny.State()
    assert load_checkpoint(str(tmp_path / "new" / "folder" / "x.pt"), other) is other
    assert other.step == 3
    torch.testing.assert_close(other.layer.state_dict(), state.layer.state_dict(), rtol=0, atol=0)


def test_an_existing_checkpoint_is_replaced(tiny, tmp_path):
    for step in (1, 2):
        save_checkpoint(tmp_path / "x.pt", tiny.State(step=step))
    assert load_checkpoint(tmp_path / "x.pt", tiny.State()).step == 2


def test_a_missing_file_is_named(tiny, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no checkpoint .*nothing\.pt"):
        load_checkpoint(tmp_path / "nothing.pt", tiny.State())


def untouched(state, before):
    torch.testing.assert_close(state.layer.state_dict(), before, rtol=0, atol=0)
    assert state.step == 0


def test_a_checkpoint_of_another_config_is_refused_naming_the_fields(tiny, tmp_path):
    config = tiny.Config()
    save_checkpoint(tmp_path / "x.pt", tiny.State(config=config, step=4))
    state = tiny.State(config=replace(config, width=3, rate=0.2))
    before = {k: v.clone() for k, v in state.layer.state_dict().items()}
    with pytest.raises(ValueError) as caught:
        load_checkpoint(tmp_path / "x.pt", state)
    message = str(caught.value)
    assert "x.pt is of another config" in message
    assert "width: 2 in the file, 3 here" in message
    assert "rate: 0.1 in the file, 0.2 here" in message
    untouched(state, before)


@dataclass(frozen=True)
class NewerConfig:
    """A config that has gained one field and lost another."""

    width: int = 2
    depth: int = 1


def test_a_config_of_another_class_is_refused(tiny, tmp_path):
    save_checkpoint(tmp_path / "x.pt", tiny.State())
    with pytest.raises(ValueError) as caught:
        load_checkpoint(tmp_path / "x.pt", tiny.State(config=NewerConfig()))
    for part in ("class: ", "depth: absent in the file, 1 here", "rate: 0.1 in the file, absent"):
        assert part in str(caught.value)
    assert "width" not in str(caught.value)


def damage(content, kind):
    middle = len(content) // 2
    return {
        "empty": b"",
        "text": b"not a checkpoint",
        "truncated": content[:middle],
        "one bit": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "zeros": bytes(len(content)),
        "no end": content[:-30],
    }[kind]


@pytest.mark.parametrize("kind", ["empty", "text", "truncated", "one bit", "zeros", "no end"])
def test_a_damaged_file_is_refused_and_the_state_is_unchanged(tiny, tmp_path, kind):
    path = tmp_path / "x.pt"
    large = tiny.State(layer=torch.nn.Linear(100, 100))  # so that the middle is a weight
    save_checkpoint(path, large)
    path.write_bytes(damage(path.read_bytes(), kind))
    state = tiny.State(layer=torch.nn.Linear(100, 100))
    before = {k: v.clone() for k, v in state.layer.state_dict().items()}
    generator = torch.get_rng_state()
    with pytest.raises(ValueError, match=r"x\.pt is not a readable checkpoint"):
        load_checkpoint(path, state)
    untouched(state, before)
    assert torch.equal(torch.get_rng_state(), generator)


@pytest.mark.parametrize("content", [{"weights": torch.zeros(3)}, [1, 2]])
def test_another_programs_file_is_refused(tiny, tmp_path, content):
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(ValueError, match="not a readable checkpoint"):
        load_checkpoint(tmp_path / "x.pt", tiny.State())


class Payload:
    """What an attacker would put into a pickle."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


@pytest.mark.parametrize("legacy", [False, True])
def test_nothing_pickled_is_run(tiny, tmp_path, legacy):
    path, mark = tmp_path / "x.pt", tmp_path / "was-run"
    content = {"config": Payload(str(mark))}
    if legacy:
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path)
    with pytest.raises(ValueError, match="not a readable checkpoint"):
        load_checkpoint(path, tiny.State())
    assert not mark.exists()
    torch.load(path, weights_only=False) if not legacy else pickle.loads(path.read_bytes())
    assert mark.exists()  # the payload works: it was the loader that refused


def test_batches_must_have_been_saved(tiny, tmp_path):
    from torch.utils.data import TensorDataset

    from ganbook.data.stream import BatchStream

    save_checkpoint(tmp_path / "x.pt", tiny.State())
    batches = BatchStream(TensorDataset(torch.zeros(8)), 4)
    with pytest.raises(ValueError, match="saved without batches"):
        load_checkpoint(tmp_path / "x.pt", tiny.State(), batches)
    save_checkpoint(tmp_path / "x.pt", tiny.State(step=2), batches)
    state = tiny.State()
    with pytest.raises(ValueError, match="batch_size = 4, this one 2"):
        load_checkpoint(tmp_path / "x.pt", state, BatchStream(batches.dataset, 2))
    assert state.step == 0


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_weights_that_are_not_finite_are_not_saved(tiny, tmp_path, value):
    path = tmp_path / "x.pt"
    save_checkpoint(path, tiny.State(step=1))
    state = tiny.State(step=2)
    with torch.no_grad():
        state.layer.bias[0] = value
    with pytest.raises(FloatingPointError, match="layer has NaN or infinite weights"):
        save_checkpoint(path, state)
    assert load_checkpoint(path, tiny.State()).step == 1


def test_an_error_while_writing_leaves_the_old_file(tiny, tmp_path, monkeypatch):
    path = tmp_path / "x.pt"
    save_checkpoint(path, tiny.State(step=1))

    def fails(content, file):
        file.write(b"half of it")
        raise OSError("No space left on device")

    monkeypatch.setattr(torch, "save", fails)
    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(path, tiny.State(step=2))
    assert load_checkpoint(path, tiny.State()).step == 1


KILLED = """
import json, os, random, signal, sys, time
from pathlib import Path
import torch
from ganbook.gans import vanilla
from ganbook.training.checkpoint import load_checkpoint, save_checkpoint

torch.set_num_threads(1)
path, kills = Path(sys.argv[1]), int(sys.argv[2])
beside = path.with_name(path.name + ".writing")
config = vanilla.Config(hidden=1024)  # 40 MB with Adam's moments
state = vanilla.build(config)
for optimizer in (state.generator_optimizer, state.discriminator_optimizer):
    for group in optimizer.param_groups:
        for p in group["params"]:
            p.grad = torch.ones_like(p)
    optimizer.step()


def mark(step):
    state.step = step
    with torch.no_grad():
        for network in (state.generator, state.discriminator):
            for p in network.parameters():
                p.fill_(float(step))


mark(1)
started = time.perf_counter()
save_checkpoint(path, state)
one_save = time.perf_counter() - started
fresh = vanilla.build(config)
report = {"inside": 0, "steps": []}
for kill in range(kills):
    beside.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        for step in range(state.step + 1, 10**6):
            mark(step)
            save_checkpoint(path, state)
    while kill % 2 and not beside.exists():  # every other kill waits until a save has begun
        time.sleep(0.0005)
    time.sleep(random.uniform(0.0, 0.5 if kill % 2 else 2.5) * one_save)
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    report["inside"] += beside.exists()
    load_checkpoint(path, fresh)
    for network in (fresh.generator, fresh.discriminator):  # all of one and the same save
        assert all((p == fresh.step).all() for p in network.parameters())
    report["steps"].append(fresh.step)
    state.step = fresh.step
print(json.dumps(report))
"""


def test_a_process_killed_while_saving_leaves_a_readable_checkpoint(tmp_path):
    kills = 8
    command = [sys.executable, "-c", KILLED, str(tmp_path / "x.pt"), str(kills)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert len(report["steps"]) == kills and report["steps"] == sorted(report["steps"])
    assert report["inside"] >= 2, "no kill landed inside a save; the test shows nothing"
