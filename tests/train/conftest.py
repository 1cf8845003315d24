"""What two processes find, once for all tests that ask."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch


def free_port():
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return found.getsockname()[1]


def torchrun(*arguments):
    """Return the command that starts two processes on this machine."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node=2"]
    return [*launcher, f"--master_port={free_port()}", *map(str, arguments)]


@pytest.fixture(scope="session")
def in_two_processes():
    """The command of torchrun, and the environment in which it finds the package."""
    root = Path(__file__).resolve().parents[2]
    shown = {name: value for name, value in os.environ.items() if name != "TQDM_DISABLE"}
    environment = {**shown, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)}
    return lambda *arguments: {"args": torchrun(*arguments), "env": environment}


@pytest.fixture(scope="session")
def two(tmp_path_factory, in_two_processes):
    """What each of two processes found, as tests/train/workers.py wrote it."""
    folder = tmp_path_factory.mktemp("two")
    worker = Path(__file__).with_name("workers.py")
    done = subprocess.run(
        **in_two_processes(worker, folder), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in (0, 1)]
