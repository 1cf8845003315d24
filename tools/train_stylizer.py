"""Train the feed-forward stylizer that ships with the package, for one painting.

    python tools/train_stylizer.py --folder runs/stylizer

1,000 steps of 4 crops: about five minutes on one CPU core with bf16 units. Run it again after an
interruption and it continues. Every 200 steps a picture is written: the painting, and three photos
that are not trained on.
"""

import argparse
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import save_file

from ganbook.data.paintings import load_painting
from ganbook.data.photo_crops import PhotoCrops
from ganbook.data.photos import load_photo
from ganbook.data.stream import BatchStream
from ganbook.data.transforms import to_uint8
from ganbook.models.stylizer import STYLIZERS
from ganbook.models.vgg import load_vgg16
from ganbook.runtime import choose_device, seed_everything
from ganbook.style import fast
from ganbook.training.callbacks import CheckpointEvery, ProgressBar
from ganbook.training.fit import fit
from ganbook.training.resume import resume

WEIGHTS = Path(__file__).parents[1] / "ganbook" / "weights"
SHOWN = ("cat", "flower", "temple")
SIZE = 256  # of the painting, and of the photos shown


def main() -> None:
    """Train, or continue, and write the network as float16."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--style", choices=STYLIZERS, default="strokes")
    parser.add_argument("--steps", type=int, default=1_000)
    parser.add_argument("--folder", type=Path, default=Path("runs/stylizer"))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()

    seed_everything(0)
    config = fast.Config(
        **STYLIZERS[options.style], learning_rate=1.5e-3, steps=options.steps, precision="bf16"
    )
    painting = load_painting(options.style, SIZE)
    describer = load_vgg16("edges", "average")
    state = fast.build(config, painting[None], describer, choose_device())
    batches = BatchStream(PhotoCrops(4 * options.steps, 80), 4)
    checkpoint = options.folder / "checkpoint.pt"
    if resume(checkpoint, state, batches).step:
        print(f"continuing at step {state.step}")
    photos = torch.stack([load_photo(name, SIZE) for name in SHOWN])

    def save_picture(state, metrics):
        if state.step % 200 == 0:
            row = torch.cat([painting, *state.stylize(photos)], dim=2)
            options.folder.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(to_uint8(row).permute(1, 2, 0).numpy())
            picture.save(options.folder / f"step_{state.step:06d}.png")
            losses = ", ".join(f"{name} {value.item():.3f}" for name, value in metrics.items())
            print(f"step {state.step}: {losses}", flush=True)

    saver = CheckpointEvery(checkpoint, every=200, batches=batches)
    callbacks = [ProgressBar(options.steps), save_picture, saver]
    fit(state, fast.step, batches, options.steps, callbacks)

    out = options.out or WEIGHTS / f"stylizer_{options.style}.safetensors"
    save_file({k: v.half().contiguous() for k, v in state.network.state_dict().items()}, out)
    print(f"wrote {out.name}, {out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
