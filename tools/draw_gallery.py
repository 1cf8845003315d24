"""Paint the gallery of the welcome page and chapter 9 again: photos down, styles across.

python tools/draw_gallery.py

Takes about 10 minutes on one core.
"""

from dataclasses import replace
from pathlib import Path

from PIL import Image

from ganbook.data.paintings import load_painting
from ganbook.data.photos import load_photo
from ganbook.data.transforms import to_uint8
from ganbook.models.vgg import load_vgg16
from ganbook.style.coarse_to_fine import transfer_coarse_to_fine
from ganbook.style.gatys import Config
from ganbook.style.recolour import recolour

FILE = Path(__file__).resolve().parent.parent / "book" / "figures" / "gallery.webp"
CONTENTS = ("temple", "cat", "flower", "coffee")
STYLES = ("strokes", "mosaic", "waves", "glass")
SIZE, SMALL, GAP = 256, 128, 8  # of a result, of the photos and styles beside them, between
CONFIG = Config(steps=120, precision="bf16")
WEAKER = {("flower", "waves"): 4.0}  # style weights of pairs in which the content would drown


def paint(content, style, network):
    """Return one result ``(1, 3, SIZE, SIZE)``."""
    photo, painting = load_photo(content, SIZE)[None], load_painting(style, SIZE)[None]
    config = replace(CONFIG, style_weight=WEAKER.get((content, style), CONFIG.style_weight))
    return transfer_coarse_to_fine(network, recolour(photo, painting), painting, config).image


def compose(results):
    """Return the whole page; ``results[content, style]`` are images."""
    side = SMALL + len(STYLES) * (SIZE + GAP), SMALL + len(CONTENTS) * (SIZE + GAP)
    page = Image.new("RGBA", side)  # transparent between the pictures: for light and dark pages

    def place(image, column, row):
        x, y = (0 if k == 0 else SMALL + GAP + (k - 1) * (SIZE + GAP) for k in (column, row))
        size = (SMALL if row == 0 or column == 0 else SIZE,) * 2
        # Beside a larger result, a photo or a style stands in the middle.
        x += (SIZE - SMALL) // 2 if row == 0 and column else 0
        y += (SIZE - SMALL) // 2 if column == 0 and row else 0
        picture = Image.fromarray(to_uint8(image)[0].permute(1, 2, 0).numpy())
        page.paste(picture.resize(size, Image.Resampling.LANCZOS), (x, y))

    for column, style in enumerate(STYLES, start=1):
        place(load_painting(style, SIZE)[None], column, 0)
    for row, content in enumerate(CONTENTS, start=1):
        place(load_photo(content, SIZE)[None], 0, row)
        for column, style in enumerate(STYLES, start=1):
            place(results[content, style], column, row)
    return page


def main():
    network = load_vgg16("edges", "average")
    results = {}
    for content in CONTENTS:
        for style in STYLES:
            results[content, style] = paint(content, style, network)
            print(f"{content} in {style}", flush=True)
    compose(results).save(FILE, quality=80, method=6)
    print(f"{FILE.name}: {FILE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
