"""Two processes with half the batch each against one. Goal: 1.5 times as fast on two cores.

    python benchmarks/scaling.py

DCGAN at 64 x 64 in colour, width 32, batch 32 in all. Three ways take turns, each in processes of
its own: one process with one thread, one with two threads, and two with one thread each, whose
gradients are averaged by DistributedDataParallel.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

GOAL = 1.5
WAYS = {  # processes, threads in each
    "one process, one thread": (1, 1),
    "one process, two threads": (1, 2),
    "two processes, one thread each": (2, 1),
}


def work(options):
    """Be one of the processes: train, and print the seconds a step."""
    import torch

    from ganbook.gans import dcgan
    from ganbook.runtime import seed_everything
    from ganbook.train import processes as group
    from ganbook.train.data_parallel import data_parallel

    torch.set_num_threads(options.threads)
    processes = group.start()
    seed_everything(0)
    state = dcgan.build(dcgan.Config(width=32, precision=options.precision))
    step = data_parallel(dcgan.step, state, processes)
    batch = (torch.rand(options.batch // processes.count, 3, 64, 64) * 2 - 1,)
    for _ in range(3):
        step(state, batch)
    processes.wait()
    start = time.perf_counter()
    for _ in range(options.steps):
        step(state, batch)
    processes.wait()
    if processes.rank == 0:
        print((time.perf_counter() - start) / options.steps)
    group.stop()


def measure(count, threads, options):
    """Return seconds a step of all processes together."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    together = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": str(count)}
    root = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, **together, "OMP_NUM_THREADS": str(threads), "PYTHONPATH": root}
    arguments = ["--threads", threads, "--steps", options.steps, "--precision", options.precision]
    arguments += ["--batch", options.batch, "--worker"]
    started = [
        subprocess.Popen(
            [sys.executable, __file__, *map(str, arguments)],
            env={**environment, "RANK": str(rank)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]
    printed = [process.communicate()[0] for process in started]
    if any(process.returncode for process in started):
        sys.exit("scaling: a process failed, see above")
    return float(printed[0])


def main():
    """Print a row a way, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10, help="steps a repetition")
    parser.add_argument("--batch", type=int, default=32, help="of all processes together")
    parser.add_argument("--precision", choices=("float32", "bf16"), default="float32")
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options)
        return
    seconds = {way: [] for way in WAYS}
    for _ in range(options.repetitions):
        for way, (count, threads) in WAYS.items():
            seconds[way].append(measure(count, threads, options))
    print(f"{os.cpu_count()} cores, {options.precision}, batch {options.batch} in all")
    print(f"{'':34}{'ms a step':>10}{'images/s':>10}{'times as fast':>15}")
    one = seconds["one process, one thread"]
    ratio = 0.0
    for way, values in seconds.items():
        middle = statistics.median(values)
        ratio = statistics.median(a / b for a, b in zip(one, values))
        print(f"{way:34}{1000 * middle:10.1f}{options.batch / middle:10.0f}{ratio:15.2f}")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if cores < 2:
        print("one core only: no goal")
    else:
        print(f"goal: two processes >= {GOAL}" + ("" if ratio >= GOAL else "  missed"))


if __name__ == "__main__":
    main()
