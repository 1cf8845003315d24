"""Precision and recall of 10,000 x 10,000 points at 512 dimensions. Goal: under 2 GB.

    python benchmarks/precision_recall.py

Each implementation runs in a process of its own, whose peak resident memory and time (of the call
alone) are compared. The features are float32, as networks give them; torch-fidelity takes both of
its ways, the whole matrix and the one that saves memory.
"""

import argparse
import json
import subprocess
import sys

GOAL, TOLERANCE = 2.0, 1e-6  # GB; largest difference of a share
SETUP = """
import json, resource, sys, time
import torch
n, d, batch_size = map(int, sys.argv[1:])
generator = torch.Generator().manual_seed(0)
mixing = torch.randn(64, d, generator=generator) / 8
real, fake = (torch.randn(n, 64, generator=generator) @ mixing for _ in range(2))
real += 0.3 * torch.randn(n, d, generator=generator)
fake = 0.9 * fake + 0.3 * torch.randn(n, d, generator=generator)
"""
REPORT = """
unit = 1 if sys.platform == "darwin" else 1024
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9
print(json.dumps([precision, recall, seconds, peak]))
"""
OWN = """
from ganbook.metrics.precision_recall import precision_recall
start = time.perf_counter()
found = precision_recall(real, fake, k=3, batch_size=batch_size)
seconds = time.perf_counter() - start
precision, recall = found.precision, found.recall
"""
PEER = """
from torch_fidelity.metric_prc import {name} as peer
start = time.perf_counter()
precision, recall = peer(fake, real, neighborhood=3, batch_size=batch_size)
seconds = time.perf_counter() - start
"""
RUNS = {
    "inputs alone": "precision = recall = seconds = 0",
    "ganbook": OWN,
    "torch-fidelity, whole": PEER.format(name="calculate_precision_recall_full"),
    "torch-fidelity, parts": PEER.format(name="calculate_precision_recall_part"),
}


def run(code, *arguments):
    """Return precision, recall, seconds and peak GB of a process."""
    command = [sys.executable, "-c", SETUP + code + REPORT, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    """Print a row an implementation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=10_000, help="of each set")
    parser.add_argument("--dimensions", type=int, default=512)
    parser.add_argument("--batch-size", type=int, default=1000)
    options = parser.parse_args()
    n, d = options.samples, options.dimensions
    print(f"{n} x {n} points, d = {d}, batches of {options.batch_size}")
    print(f"{'':24}{'precision':>12}{'recall':>12}{'seconds':>10}{'peak GB':>10}")
    rows = {}
    for name, code in RUNS.items():
        rows[name] = precision, recall, seconds, peak = run(code, n, d, options.batch_size)
        print(f"{name:24}{precision:12.6f}{recall:12.6f}{seconds:10.2f}{peak:10.2f}")
    own, peers = rows["ganbook"], [rows[name] for name in RUNS if "fidelity" in name]
    verdict = "" if own[3] < GOAL else "  missed"
    print(f"ganbook's peak: {own[3]:.2f} GB, goal: under {GOAL:.0f} GB{verdict}")
    error = max(abs(a - b) for peer in peers for a, b in zip(own[:2], peer[:2]))
    verdict = "" if error <= TOLERANCE else "  missed"
    print(f"largest difference {error:.0e}, goal: <= {TOLERANCE:.0e}{verdict}")
    print(
        f"torch-fidelity / ganbook: {' and '.join(f'{p[2] / own[2]:.1f}' for p in peers)} in time"
    )


if __name__ == "__main__":
    main()
