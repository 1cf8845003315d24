"""What importing ganbook adds to importing torch. Goal: under 0.2 s.

    python benchmarks/import_time.py

Each import runs in an interpreter of its own, which measures the time after ``import torch``. Rows
without a goal show what the libraries themselves take.
"""

import argparse
import statistics
import subprocess
import sys

GOAL = 0.2
STATEMENTS = {  # and whether the goal is meant for it
    "import ganbook": True,
    "from ganbook.gans import dcgan, vanilla": True,
    "from ganbook.training import callbacks, checkpoint, fit": True,
    "from ganbook.data import digits, emoji, stream, toy": True,
    "from ganbook.metrics import features, frechet, modes": True,
    "from ganbook.plotting import curves, grids": False,  # matplotlib
    "from ganbook.data import torchvision_sets": False,  # torchvision
    "import matplotlib.pyplot": False,
    "from torchvision.transforms import v2": False,
    "from torch.utils.data import DataLoader": False,
}
CODE = """
import time
first = time.perf_counter()
import torch
start = time.perf_counter()
{}
print(start - first, time.perf_counter() - start)
"""


def seconds(statement):
    """Return the seconds of ``import torch`` and of a statement after it."""
    command = [sys.executable, "-c", CODE.format(statement)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [float(value) for value in done.stdout.split()]


def main():
    """Print a row a statement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=7)
    repetitions = parser.parse_args().repetitions
    seconds("from torchvision.transforms import v2; import matplotlib.pyplot")  # warm the disk
    torch_times, times = [], {statement: [] for statement in STATEMENTS}
    for _ in range(repetitions):
        for statement in STATEMENTS:
            torch_time, own = seconds(statement)
            torch_times.append(torch_time)
            times[statement].append(own)
    base = statistics.median(torch_times)
    print(f"import torch: {base:.2f} s; goal: under {GOAL} s more")
    print(f"{'after it':58}{'seconds':>8}{'of torch':>10}")
    for statement, values in times.items():
        median = statistics.median(values)
        missed = "  missed" if STATEMENTS[statement] and median >= GOAL else ""
        print(f"{statement:58}{median:8.3f}{median / base:10.1%}{missed}")


if __name__ == "__main__":
    main()
