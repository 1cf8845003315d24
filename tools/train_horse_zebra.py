"""Train the horse and zebra translators that ship with the package: chapter 8's, for longer.

    python tools/train_horse_zebra.py --folder runs/horse_zebra

3,000 steps of 4 horses and 4 zebras: about twenty minutes on one CPU core with bf16 units. Run it
again after an interruption and it continues. Every 500 steps a picture is written: horses, their
zebras, zebras, their horses.
"""

import argparse
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import save_file
from torchvision.utils import make_grid

from ganbook.data.horses import load_domain, load_scenes
from ganbook.data.transforms import to_uint8
from ganbook.data.unpaired import UnpairedStream
from ganbook.gans import cyclegan
from ganbook.models.horse_zebra import GENERATOR, SIZE
from ganbook.runtime import choose_device, seed_everything
from ganbook.training.callbacks import CheckpointEvery, ProgressBar
from ganbook.training.fit import fit
from ganbook.training.resume import resume

WEIGHTS = Path(__file__).parents[1] / "ganbook" / "weights" / "horse_zebra.safetensors"


def main() -> None:
    """Train, or continue, and write both generators as float16."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--folder", type=Path, default=Path("runs/horse_zebra"))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()

    seed_everything(0)
    config = cyclegan.Config(
        size=SIZE,
        **GENERATOR,
        discriminator_width=32,
        discriminator_layers=2,
        learning_rate=5e-4,
        identity_weight=5.0,
        steps=options.steps,
        constant_steps=options.steps // 2,
        precision="bf16",
    )
    state = cyclegan.build(config, choose_device())
    horses, zebras = (load_domain(animal, 1000, SIZE) for animal in ("horse", "zebra"))
    batches = UnpairedStream(horses, zebras, batch_size=4)
    checkpoint = options.folder / "checkpoint.pt"
    if resume(checkpoint, state, batches).step:
        print(f"continuing at step {state.step}")
    scenes = load_scenes(10, SIZE).tensors

    def save_picture(state, metrics):
        if state.step % 500 == 0:
            horses, zebras = scenes[0], scenes[1]
            rows = [horses, state.translate(horses, "b"), zebras, state.translate(zebras, "a")]
            grid = make_grid(to_uint8(torch.cat(rows)), nrow=len(horses), padding=1, pad_value=255)
            picture = Image.fromarray(grid.permute(1, 2, 0).numpy())
            options.folder.mkdir(parents=True, exist_ok=True)
            picture.save(options.folder / f"step_{state.step:06d}.png")

    saver = CheckpointEvery(checkpoint, every=500, batches=batches)
    fit(
        state,
        cyclegan.step,
        batches,
        options.steps,
        [ProgressBar(options.steps), save_picture, saver],
    )

    weights = {
        f"{name}.{key}": value.half().contiguous()
        for name, network in (("to_zebra", state.a_to_b), ("to_horse", state.b_to_a))
        for key, value in network.state_dict().items()
    }
    save_file(weights, options.out)
    print(f"wrote {options.out.name}, {options.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
