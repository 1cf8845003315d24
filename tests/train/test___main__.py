"""``python -m ganbook.train`` itself, alone and under torchrun."""

import os
import signal
import subprocess
import sys

import torch

from tests.train.pictures import command, folder_for


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "ganbook.train", *arguments], capture_output=True, text=True
    )


def test_an_error_is_one_sentence_and_exit_code_2(tmp_path):
    done = run(*command("dcgan", tmp_path / "nowhere", tmp_path / "run"))
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == f"error: There is no folder {tmp_path / 'nowhere'}.\n"


def test_under_torchrun_ctrl_c_stops_both_processes_after_one_step(tmp_path, in_two_processes):
    data = folder_for("cyclegan", tmp_path / "data")
    more = ["--steps", "100000", "--sample-every", "0", "--every", "1"]
    arguments = command("cyclegan", data, tmp_path / "run", *more)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    options = in_two_processes("-m", "ganbook.train", *arguments)
    process = subprocess.Popen(**options, **pipes, start_new_session=True)
    seen = ""
    while "g_loss" not in seen:  # until a step is done
        seen += os.read(process.stderr.fileno(), 4096).decode()
        assert process.poll() is None, seen
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to torchrun and to both processes
    out, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "batch size 4, seed 0, cpu, 2 processes" in out
    assert out.count("cyclegan on 25 images") == out.count("Stopped by hand; step") == 1, err
    step = torch.load(tmp_path / "run" / "checkpoint.pt", weights_only=True)["step"]
    assert 0 < step < 100_000
