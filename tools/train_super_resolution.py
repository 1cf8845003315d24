"""Train the networks that ship with the package and enlarge photographs four times each way.

    python tools/train_super_resolution.py --folder runs/super_resolution

First the squared error alone, then SRGAN from there: about three minutes on one CPU core with bf16
units. Run it again after an interruption and it continues.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from ganbook.data.photo_crops import PhotoCrops
from ganbook.data.stream import BatchStream
from ganbook.gans import srgan
from ganbook.models.super_resolution import BLOCKS, FACTOR, WIDTH
from ganbook.runtime import choose_device, seed_everything
from ganbook.training.callbacks import CheckpointEvery, ProgressBar
from ganbook.training.fit import fit
from ganbook.training.resume import resume

WEIGHTS = Path(__file__).parents[1] / "ganbook" / "weights" / "super_resolution.safetensors"
SHARED = {
    "factor": FACTOR,
    "size": 96,
    "width": WIDTH,
    "blocks": BLOCKS,
    "ema_half_life": 500,
    "precision": "bf16",
}


def main() -> None:
    """Train both, or continue, and write the averaged networks as float16."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1_200, help="on the squared error")
    parser.add_argument("--sharp-steps", type=int, default=500, help="of SRGAN, after that")
    parser.add_argument("--folder", type=Path, default=Path("runs/super_resolution"))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()

    mean = srgan.Config(adversarial_weight=0.0, learning_rate=1e-3, steps=options.steps, **SHARED)
    sharp = srgan.Config(
        discriminator_width=32,
        discriminator_layers=2,
        shift=4,
        adversarial_weight=1e-2,
        learning_rate=3e-4,
        beta1=0.5,
        steps=options.sharp_steps,
        **SHARED,
    )
    mean_network = train("mean", mean, options.folder).sampler
    sharp_network = train("sharp", sharp, options.folder, mean_network).sampler
    weights = {
        f"{kind}.{name}": value.half().contiguous()
        for kind, network in (("mean", mean_network), ("sharp", sharp_network))
        for name, value in network.state_dict().items()
    }
    save_file(weights, options.out)
    print(f"wrote {options.out.name}, {options.out.stat().st_size / 1e6:.2f} MB")


def train(
    kind: str, config: srgan.Config, folder: Path, start: torch.nn.Module | None = None
) -> srgan.SuperResolutionState:
    """Train one network from the weights of ``start``, or from its last checkpoint."""
    seed_everything(0)
    state = srgan.build(config, choose_device())
    if start is not None:
        for network in (state.generator, state.ema.module):
            network.load_state_dict(start.state_dict())
    crops = PhotoCrops(8 * config.steps, config.size, seed=0 if start is None else 1)
    batches = BatchStream(crops, batch_size=8)
    checkpoint = folder / f"{kind}.pt"
    if resume(checkpoint, state, batches).step:
        print(f"{kind}: continuing at step {state.step}")
    callbacks = [
        ProgressBar(config.steps),
        CheckpointEvery(checkpoint, every=200, batches=batches),
    ]
    return fit(state, srgan.step, batches, config.steps, callbacks)


if __name__ == "__main__":
    main()
