"""bf16 with channels_last against float32. Goal: at least 1.5 times as fast with avx512_bf16.

    python benchmarks/precision.py

DCGAN at 64 x 64 in colour, width 32, batch 32, one step of both networks; blocks take turns.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch

from ganbook.gans import dcgan
from ganbook.runtime import seed_everything

GOAL = 1.5
BATCH = 32


def has_avx512_bf16():
    """Return whether this CPU multiplies bfloat16 numbers itself; None where nobody says."""
    cpuinfo = Path("/proc/cpuinfo")
    return "avx512_bf16" in cpuinfo.read_text() if cpuinfo.is_file() else None


def main():
    """Print a row a precision, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=15)
    parser.add_argument("--steps", type=int, default=6, help="steps a block")
    options = parser.parse_args()

    batch = (torch.rand(BATCH, 3, 64, 64) * 2 - 1,)
    states, seconds = {}, {}
    for precision in ("float32", "bf16"):
        seed_everything(0)
        states[precision] = dcgan.build(dcgan.Config(width=32, precision=precision))
        seconds[precision] = []
    for repetition in range(options.repetitions + 1):
        for precision, state in states.items():
            start = time.perf_counter()
            for _ in range(options.steps):
                dcgan.step(state, batch)
            if repetition > 0:  # the first block warms up
                seconds[precision].append((time.perf_counter() - start) / options.steps)

    print(f"{torch.get_num_threads()} threads; avx512_bf16: {has_avx512_bf16()}")
    print(f"{'precision':12}{'ms a step':>11}{'images/s':>11}")
    for precision, values in seconds.items():
        median = statistics.median(values)
        print(f"{precision:12}{1000 * median:11.1f}{BATCH / median:11.0f}")
    ratio = statistics.median(f / b for f, b in zip(seconds["float32"], seconds["bf16"]))
    if has_avx512_bf16():
        verdict = f"goal: >= {GOAL}" + ("" if ratio >= GOAL else "  missed")
    else:
        verdict = "no goal on a CPU without avx512_bf16; use float32 here"
    print(f"float32 / bf16 = {ratio:.2f} ({verdict})")


if __name__ == "__main__":
    main()
