"""Train the inpainters of portraits that ship with the package, on the training split of chapter 7.

    python tools/train_inpainting.py --folder runs/inpainting
    python tools/train_inpainting.py --folder runs/inpainting_l1 --without-gan

5,000 steps of 16 portraits each: about eight and four minutes on one CPU core with bf16 units. Run
it again after an interruption and it continues.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.utils.data import TensorDataset

from ganbook.data.edges import HELD_OUT
from ganbook.data.emoji import describe_portraits, load_portraits
from ganbook.data.stream import BatchStream
from ganbook.gans import inpainting
from ganbook.models.inpainter import DOWNS, FILES, SIZE, WIDTH
from ganbook.runtime import choose_device, seed_everything
from ganbook.training.callbacks import CheckpointEvery, ProgressBar
from ganbook.training.fit import fit
from ganbook.training.resume import resume

WEIGHTS = Path(__file__).parents[1] / "ganbook" / "weights"


def main() -> None:
    """Train, or continue, and write the averaged inpainter as float16."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=5_000)
    parser.add_argument("--folder", type=Path, default=Path("runs/inpainting"))
    parser.add_argument("--without-gan", action="store_true", help="the L1 loss alone")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()

    held_out = torch.tensor([HELD_OUT.get(p.look) == p.person for p in describe_portraits()])
    portraits = load_portraits(SIZE).tensors[0][~held_out]
    seed_everything(0)
    config = inpainting.Config(
        size=SIZE,
        width=WIDTH,
        downs=DOWNS,
        discriminator_width=24,
        discriminator_layers=2,
        adversarial_weight=0.0 if options.without_gan else 1.0,
        learning_rate=5e-4,
        steps=options.steps,
        ema_half_life=2_000,
        shift=8,
        precision="bf16",
    )
    state = inpainting.build(config, choose_device())
    both_ways = TensorDataset(torch.cat([portraits, portraits.flip(-1)]))
    batches = BatchStream(both_ways, batch_size=16)
    checkpoint = options.folder / "checkpoint.pt"
    if resume(checkpoint, state, batches).step:
        print(f"continuing at step {state.step}")
    callbacks = [
        ProgressBar(options.steps),
        CheckpointEvery(checkpoint, every=100, batches=batches),
    ]
    fit(state, inpainting.step, batches, options.steps, callbacks)

    weights = state.sampler.half().state_dict()
    file = options.out / f"{FILES[not options.without_gan]}.safetensors"
    save_file({name: value.contiguous() for name, value in weights.items()}, file)
    print(f"wrote {file.name}, {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
