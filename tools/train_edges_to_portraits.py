"""Train the translator from edges to portraits that ships with the package, on the training split.

    python tools/train_edges_to_portraits.py --folder runs/edges_to_portraits

5,000 steps of 16 pairs: about six minutes on one CPU core with bf16 units. Run it again after an
interruption and it continues.
"""

import argparse
from pathlib import Path

from safetensors.torch import save_file

from ganbook.data.edges import load_edges_to_portraits
from ganbook.data.stream import BatchStream
from ganbook.gans import pix2pix
from ganbook.models.edges_to_portraits import DOWNS, SIZE, WIDTH
from ganbook.runtime import choose_device, seed_everything
from ganbook.training.callbacks import CheckpointEvery, ProgressBar
from ganbook.training.fit import fit
from ganbook.training.resume import resume

WEIGHTS = Path(__file__).parents[1] / "ganbook" / "weights" / "edges_to_portraits.safetensors"


def main() -> None:
    """Train, or continue, and write the averaged generator as float16."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=5_000)
    parser.add_argument("--folder", type=Path, default=Path("runs/edges_to_portraits"))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()

    seed_everything(0)
    config = pix2pix.Config(
        in_channels=1,
        out_channels=3,
        size=SIZE,
        width=WIDTH,
        downs=DOWNS,
        dropout=0.0,
        discriminator_width=32,
        discriminator_layers=2,
        learning_rate=5e-4,
        steps=options.steps,
        ema_half_life=2_000,
        jitter=4,
        shift=8,
        precision="bf16",
    )
    state = pix2pix.build(config, choose_device())
    batches = BatchStream(load_edges_to_portraits("train", SIZE, mirror=True), batch_size=16)
    checkpoint = options.folder / "checkpoint.pt"
    if resume(checkpoint, state, batches).step:
        print(f"continuing at step {state.step}")
    callbacks = [
        ProgressBar(options.steps),
        CheckpointEvery(checkpoint, every=500, batches=batches),
    ]
    fit(state, pix2pix.step, batches, options.steps, callbacks)

    weights = state.sampler.half().state_dict()
    save_file({name: value.contiguous() for name, value in weights.items()}, options.out)
    print(f"wrote {options.out.name}, {options.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
