"""Make the welcome page's pictures again, from the shipped weights and chapter 4's outputs.

python tools/draw_welcome.py
"""

import base64
import io
import re
from pathlib import Path

import nbformat
import torch
from PIL import Image

from ganbook.data.transforms import to_uint8
from ganbook.models.portraits import LATENT_DIM, load_portrait_generator
from ganbook.plotting.grids import image_grid

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "book" / "figures"


def animations(notebook_path):
    """Return the animated WebPs that a notebook shows, in order."""
    found = []
    for cell in nbformat.read(notebook_path, 4).cells:
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html", "")
            found += re.findall(r"data:image/webp;base64,([A-Za-z0-9+/=]+)", html)
    return [base64.b64decode(text) for text in found]


def enlarge(image, factor):
    """Enlarge by a whole factor, each pixel to a square."""
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


def main():
    z = torch.randn(60, LATENT_DIM, generator=torch.Generator().manual_seed(7))
    grid = image_grid(load_portrait_generator()(z), columns=12)
    portraits = Image.fromarray(to_uint8(grid * 2 - 1).numpy())
    portraits.save(FIGURES / "portraits.png", optimize=True)

    digits, training = animations(ROOT / "notebooks" / "04_dcgan.ipynb")
    (FIGURES / "training.webp").write_bytes(training)
    with Image.open(io.BytesIO(digits)) as frames:
        frames.seek(frames.n_frames - 1)
        enlarge(frames.convert("RGB"), 2).save(FIGURES / "digits.png", optimize=True)
    for name in ("portraits.png", "digits.png", "training.webp"):
        print(f"{name}: {(FIGURES / name).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
