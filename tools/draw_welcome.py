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

from ganbook.data.edges import HELD_OUT, describe_pairs, load_edges_to_portraits
from ganbook.data.emoji import ATTRIBUTES
from ganbook.data.horses import load_scenes
from ganbook.data.masks import random_strokes
from ganbook.data.transforms import to_uint8
from ganbook.models.conditional import PORTRAITS, load_conditional_portraits
from ganbook.models.edges_to_portraits import load_edges_to_portraits_generator
from ganbook.models.horse_zebra import load_horse_zebra
from ganbook.models.inpainter import hide, load_inpainter
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


def save_grid(images, columns, name):
    """Save images as one picture in the book's figures."""
    grid = image_grid(images, columns)
    Image.fromarray(to_uint8(grid * 2 - 1).numpy()).save(FIGURES / name, optimize=True)


def portraits():
    """Return portraits of random latents."""
    z = torch.randn(60, LATENT_DIM, generator=torch.Generator().manual_seed(7))
    return load_portrait_generator()(z)


def wishes():
    """Return portraits asked for: a skin tone a row, a person and look a column."""
    persons, tones, looks = ATTRIBUTES.values()
    columns = ["curly hair", "cook", "farmer", "Santa", "pilot", "firefighter", "judge", "mechanic"]
    columns += ["white hair", "health worker"]
    labels = [
        (k % len(persons), tone, looks.index(look))
        for tone in range(len(tones))
        for k, look in enumerate(columns)
    ]
    noise = torch.randn(10, PORTRAITS["latent_dim"], generator=torch.Generator().manual_seed(1))
    return load_conditional_portraits()(noise.repeat(len(tones), 1), torch.tensor(labels))


def sketches():
    """Return line drawings, one of each look that was held out, and the portraits made of them."""
    looks = [portrait.look for portrait in describe_pairs("test")]
    edges = load_edges_to_portraits("test").tensors[0][[looks.index(look) for look in HELD_OUT]]
    return torch.cat([edges.expand(-1, 3, -1, -1), load_edges_to_portraits_generator()(edges)])


def animals():
    """Return horses, their zebras, other zebras, their horses: nine of each."""
    horses, zebras, _ = load_scenes(18).tensors
    to_zebra, to_horse = load_horse_zebra()
    return torch.cat([horses[:9], to_zebra(horses[:9]), zebras[9:], to_horse(zebras[9:])])


def holes():
    """Return held-out portraits with strokes cut out, the same filled, and as they were."""
    pairs = describe_pairs("test")
    of_look = {look: [i for i, pair in enumerate(pairs) if pair.look == look] for look in HELD_OUT}
    chosen = [places[k % 6] for k, places in enumerate(of_look.values())]  # six skin tones
    truth = load_edges_to_portraits("test").tensors[1][chosen]
    cut = random_strokes(len(truth), truth.shape[-1], torch.Generator().manual_seed(3))
    inputs = hide(truth, cut)
    return torch.cat([inputs[:, :-1], load_inpainter()(inputs), truth])


@torch.no_grad()
def main():
    save_grid(portraits(), 12, "portraits.png")
    save_grid(wishes(), 10, "wishes.png")
    save_grid(sketches(), 10, "sketches.png")
    save_grid(animals(), 9, "horses_zebras.png")
    save_grid(holes(), 10, "holes.png")

    digits, training = animations(ROOT / "notebooks" / "04_dcgan.ipynb")
    (FIGURES / "training.webp").write_bytes(training)
    with Image.open(io.BytesIO(digits)) as frames:
        frames.seek(frames.n_frames - 1)
        enlarge(frames.convert("RGB"), 2).save(FIGURES / "digits.png", optimize=True)
    for file in sorted(FIGURES.glob("*.[pw]*")):
        print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
