"""Train the decoder for arbitrary styles that ships with the package.

    python tools/train_adain.py --folder runs/adain

1,500 steps of 4 contents and 4 styles: about twelve minutes on one CPU core with bf16 units. Run it
again after an interruption and it continues. Every 250 steps a picture is written: three photos,
then a row for each painting that is not trained on and for one that is.
"""

import argparse
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import save_file

from ganbook.data.paintings import PAINTINGS, load_painting
from ganbook.data.photo_crops import PhotoCrops
from ganbook.data.photos import PHOTOS, load_photo
from ganbook.data.transforms import to_uint8
from ganbook.data.unpaired import UnpairedStream
from ganbook.models.adain_decoder import HELD_OUT_PAINTINGS
from ganbook.models.vgg import load_vgg16
from ganbook.runtime import choose_device, seed_everything
from ganbook.style import arbitrary
from ganbook.training.callbacks import CheckpointEvery, ProgressBar
from ganbook.training.fit import fit
from ganbook.training.resume import resume

WEIGHTS = Path(__file__).parents[1] / "ganbook" / "weights" / "adain_decoder.safetensors"
SHOWN = ("cat", "flower", "temple")
SIZE = 256


def style_pictures() -> list[torch.Tensor]:
    """Return all paintings but those held out, in three sizes, and photos as further styles."""
    paintings = [
        load_painting(name, size, seed)
        for name in PAINTINGS
        if name not in HELD_OUT_PAINTINGS
        for seed, size in enumerate((192, 256, 384))
    ]
    return paintings + [load_photo(name) for name in PHOTOS if name not in SHOWN]


def main() -> None:
    """Train, or continue, and write the decoder as float16."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1_500)
    parser.add_argument("--folder", type=Path, default=Path("runs/adain"))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()

    seed_everything(0)
    config = arbitrary.Config(steps=options.steps, precision="bf16")
    n = 4 * options.steps
    batches = UnpairedStream(
        PhotoCrops(n, 80), PhotoCrops(n, 80, seed=1, photos=style_pictures()), 4
    )
    some = torch.stack([PhotoCrops(16, 96)[i] for i in range(16)])
    state = arbitrary.build(config, load_vgg16("edges"), some, choose_device())
    checkpoint = options.folder / "checkpoint.pt"
    if resume(checkpoint, state, batches).step:
        print(f"continuing at step {state.step}")
    photos = torch.stack([load_photo(name, SIZE) for name in SHOWN])
    shown = [load_painting(name, SIZE) for name in (*HELD_OUT_PAINTINGS, "strokes")]

    def save_picture(state, metrics):
        if state.step % 250 == 0:
            rows = [torch.cat([torch.ones_like(photos[0]), *photos], dim=2)]
            for style in shown:
                rows.append(torch.cat([style, *state.stylize(photos, style[None]).cpu()], dim=2))
            options.folder.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(to_uint8(torch.cat(rows, 1)).permute(1, 2, 0).numpy())
            picture.save(options.folder / f"step_{state.step:06d}.png")
            losses = ", ".join(f"{name} {value.item():.3f}" for name, value in metrics.items())
            print(f"step {state.step}: {losses}", flush=True)

    saver = CheckpointEvery(checkpoint, every=250, batches=batches)
    callbacks = [ProgressBar(options.steps), save_picture, saver]
    fit(state, arbitrary.step, batches, options.steps, callbacks)

    weights = {k: v.half().contiguous() for k, v in state.network.state_dict().items()}
    save_file(weights, options.out)
    print(f"wrote {options.out.name}, {options.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
