"""The most memory that a digits chapter's work takes. Goal: under 2 GB.

    python benchmarks/memory.py

A process of its own imports what the notebooks import, trains the DCGAN on digits in both
precisions with average, grids and checkpoints, measures the Fréchet distance and draws figures; its
peak resident memory is compared with that of ``import torch`` alone.
"""

import argparse
import subprocess
import sys
import tempfile

GOAL = 2.0  # GB
RUN = """
import sys
import matplotlib
matplotlib.use("Agg")
import torch
from torchvision.transforms import v2
from ganbook.data.digits import load_digits
from ganbook.data.stream import BatchStream
from ganbook.gans import dcgan, vanilla
from ganbook.metrics.features import digit_features
from ganbook.metrics.frechet import frechet_between
from ganbook.metrics.nearest import nearest_neighbours
from ganbook.plotting.animation import encode_animation
from ganbook.plotting.curves import plot_curves
from ganbook.plotting.grids import show_grid
from ganbook.runtime import seed_everything
from ganbook.training.callbacks import CheckpointEvery, SampleGrid
from ganbook.training.fit import fit

folder, steps = sys.argv[1], int(sys.argv[2])
seed_everything(0)
train, test = load_digits("train"), load_digits("test")
convolutions = {"channels": 1, "size": 32, "width": 32, "ema_half_life": 2000}
for gan, config in (
    (vanilla, vanilla.Config(ema_half_life=2000)),
    (dcgan, dcgan.Config(**convolutions)),
    (dcgan, dcgan.Config(**convolutions, precision="bf16")),
):
    state = gan.build(config)
    batches = BatchStream(train, 64)
    grids = SampleGrid(state.latents(64), every=max(1, steps // 20))
    fit(state, gan.step, batches, steps, [grids, CheckpointEvery(f"{folder}/x.pt", 50, batches)])
    samples = state.sample(4000)
    frechet_between(train.tensors[0], samples, digit_features())
    nearest_neighbours(samples[:64], train.tensors[0])
    encode_animation([grid for _, grid in grids.frames])
    plot_curves(state.history, ["d_loss", "g_loss"]).figure.canvas.draw()
    show_grid(samples[:64]).figure.canvas.draw()
"""
PEAK = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"


def peak_gb(code, *arguments):
    """Return the peak resident memory of a process that runs the code, in GB."""
    command = [sys.executable, "-c", code + PEAK, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    unit = 1 if sys.platform == "darwin" else 1024
    return int(done.stdout.split()[-1]) * unit / 1e9


def main():
    """Print both peaks and the goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100, help="of each of three GANs")
    steps = parser.parse_args().steps
    base = peak_gb("import torch")
    with tempfile.TemporaryDirectory() as folder:
        peak = peak_gb(RUN, folder, str(steps))
    print(
        f"{'':16}{'peak GB':>9}\n{'import torch':16}{base:9.2f}\n{'digits chapter':16}{peak:9.2f}"
    )
    verdict = "" if peak < GOAL else "  missed"
    print(f"digits chapter / goal = {peak / GOAL:.2f}, goal: under {GOAL} GB{verdict}")


if __name__ == "__main__":
    main()
