"""A run survives a killed kernel: running the cell again ends with the same weights to the bit.

The cell saves and resumes as those of the chapters do. It runs in a real Jupyter kernel, which is
killed with SIGKILL in the middle of the training: as on Colab when a session is cut off, but for
the drive, which is a folder here. The chapters' own cells are killed in tests/gpu/test_cut_off.py.
"""

import os
import signal
import time
from queue import Empty

import pytest
import torch
from jupyter_client.manager import KernelManager

CELL = """
import time
from pathlib import Path

import torch
from torch.utils.data import TensorDataset

from ganbook import runtime
from ganbook.data.stream import BatchStream
from ganbook.gans import dcgan
from ganbook.training.callbacks import CheckpointEvery
from ganbook.training.fit import fit
from ganbook.training.resume import resume, runs_folder

torch.set_num_threads(1)
runtime.seed_everything(7)
images = torch.rand(64, 1, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1
drive = Path({drive!r})


def slowly(state, metrics):
    (drive / "step.txt").write_text(str(state.step))
    time.sleep({pause})


config = dcgan.Config(channels=1, size=32, width=4, ema_half_life=100)
gan = dcgan.build(config)
batches = BatchStream(TensorDataset(images), 8, seed=3)
path = runs_folder(drive) / "dcgan.pt"
resume(path, gan, batches)
print("started at", gan.step)
saver = CheckpointEvery(path, every=5, batches=batches)
fit(gan, dcgan.step, batches, {steps}, [slowly, saver])

torch.save(
    dict(generator=gan.generator.state_dict(), discriminator=gan.discriminator.state_dict(),
         ema=gan.ema.state_dict(), history=gan.history.state_dict(), drawn=torch.rand(3)),
    drive / "end.pt")
"""
STEPS = 40


@pytest.fixture
def kernels():
    started = []

    def start(folder):
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(cwd=str(folder), env={**os.environ, "OMP_NUM_THREADS": "1"})
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        started.append((manager, client))
        return manager, client

    yield start
    for manager, client in started:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def cell(drive, pause):
    return CELL.format(drive=str(drive), pause=pause, steps=STEPS)


def run_to_the_end(client, code):
    printed = []

    def note(message):
        content = message["content"]
        printed.append(content.get("text", "") + "\n".join(content.get("traceback", ())))

    reply = client.execute_interactive(code, timeout=120, output_hook=note)
    assert reply["content"]["status"] == "ok", "".join(printed)
    return "".join(printed)


def steps_done(drive):
    file = drive / "step.txt"
    return int(file.read_text() or 0) if file.is_file() else 0


def test_running_the_cell_again_after_a_kill_gives_the_same_weights(kernels, tmp_path):
    whole, drive, empty = (tmp_path / name for name in ("whole", "drive", "empty"))
    for folder in (whole, drive, empty):
        folder.mkdir()

    _, client = kernels(empty)
    assert run_to_the_end(client, cell(whole, 0)) == "started at 0\n"

    manager, client = kernels(empty)
    asked = client.execute(cell(drive, 0.05))
    deadline = time.monotonic() + 60
    while steps_done(drive) < 13:  # between two checkpoints
        assert time.monotonic() < deadline, "the cell did not train"
        time.sleep(0.01)
    os.kill(manager.provisioner.pid, signal.SIGKILL)
    with pytest.raises(Empty):  # a late answer to a greeting may come, none to the cell
        while client.get_shell_msg(timeout=1)["parent_header"]["msg_id"] != asked:
            pass
    killed_at = steps_done(drive)
    assert 13 <= killed_at < STEPS and not (drive / "end.pt").exists()

    _, client = kernels(empty)
    assert run_to_the_end(client, cell(drive, 0)) == f"started at {killed_at // 5 * 5}\n"
    expected, ended = (torch.load(f / "end.pt", weights_only=True) for f in (whole, drive))
    torch.testing.assert_close(ended, expected, rtol=0, atol=0)

    # Once more: the finished run is loaded, not trained, and its file stays as it is.
    (drive / "step.txt").unlink()
    checkpoint = drive / "ganbook-runs" / "dcgan.pt"
    written = checkpoint.stat().st_mtime_ns
    assert run_to_the_end(client, cell(drive, 0)) == f"started at {STEPS}\n"
    ended = torch.load(drive / "end.pt", weights_only=True)
    torch.testing.assert_close(ended, expected, rtol=0, atol=0)
    assert not (drive / "step.txt").exists() and checkpoint.stat().st_mtime_ns == written
    assert list(empty.iterdir()) == []
