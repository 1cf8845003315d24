"""Train the portrait generator that ships with the package: chapter 4's DCGAN, for longer.

    python tools/train_portraits.py --folder runs/portraits

9,000 steps of 32 portraits: about twenty minutes on one CPU core with bf16 units. Run it again
after an interruption and it continues. Every thousand steps a grid of samples is written.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from ganbook.data.emoji import load_portraits
from ganbook.data.stream import BatchStream
from ganbook.gans import dcgan
from ganbook.models.portraits import LATENT_DIM, SIZE, WIDTH
from ganbook.runtime import choose_device, seed_everything
from ganbook.training.callbacks import CheckpointEvery, ProgressBar, SampleGrid
from ganbook.training.fit import fit
from ganbook.training.resume import resume

WEIGHTS = Path(__file__).parents[1] / "ganbook" / "weights" / "portrait_generator.safetensors"


def main() -> None:
    """Train, or continue, and write the averaged generator as float16."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=9_000)
    parser.add_argument("--folder", type=Path, default=Path("runs/portraits"))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()

    seed_everything(0)
    config = dcgan.Config(
        channels=3,
        size=SIZE,
        latent_dim=LATENT_DIM,
        width=WIDTH,
        learning_rate=5e-4,
        ema_half_life=10_000,
        shift=8,
        precision="bf16",
    )
    state = dcgan.build(config, choose_device())
    batches = BatchStream(load_portraits(SIZE, mirror=True), batch_size=32)
    checkpoint = options.folder / "checkpoint.pt"
    if resume(checkpoint, state, batches).step:
        print(f"continuing at step {state.step}")
    noise = torch.randn(64, LATENT_DIM, generator=torch.Generator().manual_seed(0))
    callbacks = [
        ProgressBar(options.steps),
        SampleGrid(noise, every=1000, columns=16, folder=options.folder),
        CheckpointEvery(checkpoint, every=500, batches=batches),
    ]
    fit(state, dcgan.step, batches, options.steps, callbacks)

    weights = state.sampler.half().state_dict()
    save_file({name: value.contiguous() for name, value in weights.items()}, options.out)
    print(f"wrote {options.out.name}, {options.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
