"""Train the conditional portrait generator that ships with the package: chapter 6's, for longer.

    python tools/train_conditional_portraits.py --folder runs/conditional_portraits

6,000 steps of 32 portraits: about a quarter of an hour on one CPU core with bf16 units. Run it
again after an interruption and it continues. Every thousand steps a grid of samples is written: a
skin tone a row, and in each column one noise, person and look.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.utils.data import TensorDataset

from ganbook.data.emoji import is_held_out, load_portraits, portrait_labels
from ganbook.data.stream import BatchStream
from ganbook.gans import conditional
from ganbook.models.conditional import PORTRAITS
from ganbook.runtime import choose_device, seed_everything
from ganbook.training.callbacks import CheckpointEvery, ProgressBar, SampleGrid
from ganbook.training.fit import fit
from ganbook.training.resume import resume

WEIGHTS = Path(__file__).parents[1] / "ganbook" / "weights" / "conditional_portraits.safetensors"


def main() -> None:
    """Train, or continue, and write the averaged generator as float16."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=6_000)
    parser.add_argument("--folder", type=Path, default=Path("runs/conditional_portraits"))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()

    seed_everything(0)
    config = conditional.Config(
        **PORTRAITS,
        discriminator="projection",
        learning_rate=5e-4,
        ema_half_life=10_000,
        shift=8,
        precision="bf16",
    )
    state = conditional.build(config, choose_device())
    (images,) = load_portraits(config.size, mirror=True).tensors
    labels = portrait_labels(mirror=True)
    seen = ~is_held_out(labels)
    batches = BatchStream(TensorDataset(images[seen], labels[seen]), batch_size=32)
    checkpoint = options.folder / "checkpoint.pt"
    if resume(checkpoint, state, batches).step:
        print(f"continuing at step {state.step}")
    noise, asked = one_tone_a_row(columns=12)
    callbacks = [
        ProgressBar(options.steps),
        SampleGrid(noise, every=1000, columns=12, folder=options.folder, labels=asked),
        CheckpointEvery(checkpoint, every=500, batches=batches),
    ]
    fit(state, conditional.step, batches, options.steps, callbacks)

    weights = state.sampler.half().state_dict()
    save_file({name: value.contiguous() for name, value in weights.items()}, options.out)
    print(f"wrote {options.out.name}, {options.out.stat().st_size / 1e6:.2f} MB")


def one_tone_a_row(columns: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return latents and labels of a grid: each row another skin tone, all else as above it."""
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(columns, PORTRAITS["latent_dim"], generator=generator).repeat(6, 1)
    labels = portrait_labels()
    labels = labels[torch.randperm(len(labels), generator=generator)[:columns]].repeat(6, 1)
    labels[:, 1] = torch.arange(6).repeat_interleave(columns)
    return noise, labels


if __name__ == "__main__":
    main()
