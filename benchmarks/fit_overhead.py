"""What ``fit`` costs over the same loop written bare. Goal: at most 3 %.

    python benchmarks/fit_overhead.py

Both loops take turns, step block by step block, on states of their own, so that whatever else the
machine does falls on both alike; compared are the medians.
"""

import argparse
import statistics
import time

import torch

from ganbook.data.digits import load_digits
from ganbook.data.stream import BatchStream
from ganbook.gans import dcgan, vanilla
from ganbook.runtime import seed_everything
from ganbook.training.fit import fit

GOAL = 1.03
MODELS = {  # the module, its config, and the steps of a block
    "DCGAN 32 x 32, width 32, batch 32": (dcgan, dcgan.Config(channels=1, size=32, width=32), 10),
    "MLP on 32 x 32 digits, batch 32": (vanilla, vanilla.Config(), 100),
}


def bare(state, step, batches, steps):
    """Train as a reader would write it, with the list of losses that any curve needs."""
    history = []
    for _ in range(steps):
        history.append(step(state, next(batches)))
    return history


def measure(gan, config, block, repetitions):
    """Return the seconds a step of the bare loop and of fit, block by block."""
    dataset = load_digits("train")
    runs = []
    for _ in range(2):
        seed_everything(0)
        runs.append((gan.build(config), BatchStream(dataset, 32)))
    (bare_state, bare_batches), (fit_state, fit_batches) = runs

    def by_hand():
        bare(bare_state, gan.step, bare_batches, block)

    def by_fit():
        fit(fit_state, gan.step, fit_batches, fit_state.step + block)

    seconds = {by_hand: [], by_fit: []}
    by_hand(), by_fit()  # warm up
    for repetition in range(repetitions):
        for loop in (by_hand, by_fit) if repetition % 2 else (by_fit, by_hand):
            start = time.perf_counter()
            loop()
            seconds[loop].append((time.perf_counter() - start) / block)
    return seconds[by_hand], seconds[by_fit]


def main():
    """Print a row a model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=40)
    repetitions = parser.parse_args().repetitions
    print(f"{torch.get_num_threads()} threads, {repetitions} blocks each; goal: ratio <= {GOAL}")
    print(f"{'model':36}{'bare ms':>9}{'fit ms':>9}{'ratio':>8}")
    for name, (gan, config, block) in MODELS.items():
        hand, fitted = measure(gan, config, block, repetitions)
        # The two blocks of one repetition ran side by side: compare them, then take the median.
        ratio = statistics.median(f / h for f, h in zip(fitted, hand))
        times = (1000 * statistics.median(s) for s in (hand, fitted))
        verdict = "" if ratio <= GOAL else "  missed"
        print(f"{name:36}" + "".join(f"{t:9.3f}" for t in times) + f"{ratio:8.3f}{verdict}")


if __name__ == "__main__":
    main()
