"""Printed digits: drawn with the fonts that matplotlib ships, a domain beside handwritten ones."""

import math
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample
from torch.utils.data import TensorDataset

SPLITS = {"train": 400, "test": 100}  # images a class, as many as the handwritten digits have
FONTS = (
    *(f"DejaVuSans{style}" for style in ("", "-Bold", "-Oblique", "-BoldOblique")),
    *(f"DejaVuSansMono{style}" for style in ("", "-Bold", "-Oblique", "-BoldOblique")),
    *(f"DejaVuSerif{style}" for style in ("", "-Bold", "-Italic", "-BoldItalic")),
    *(f"STIXGeneral{style}" for style in ("", "Bol", "Italic", "BolIta")),
    *("cmr10", "cmb10", "cmss10", "cmti10", "cmtt10"),  # Computer Modern; cmti10 since 3.11
)
CANVAS = 64  # drawn at twice the size, then averaged down: smooth edges
HEIGHT = 40  # of the ink: 20 of 32 pixels, as in MNIST
SCALE = (0.85, 1.1)
TURN = math.radians(8)
SHIFT = 2.0  # pixels of the 32


def load_printed_digits(
    split: str = "train", per_class: int | None = None, size: int = 32, seed: int = 0
) -> TensorDataset:
    """Return images ``(N, 1, size, size)`` float32 in [-1, 1] and labels ``(N,)`` int64 in 0..9.

    White on black and 20 pixels high, as MNIST. Each image is one of the 21 fonts (20 if matplotlib
    is older than 3.11), slightly scaled (0.85 to 1.1), turned (up to 8 degrees) and shifted (up to
    2 pixels), all drawn evenly from a generator of its own. The digits come in turn,
    0 1 2 … 9 0 1 …; N is 10 times ``per_class``. Train and test share the fonts and differ in the
    draws: a test image is a new position of a known glyph. The same arguments give the same images.

    Args:
        split: ``train`` or ``test``.
        per_class: images of each digit; by default 400 to train and 100 to test.
        size: 32, or 28 for the same without the outer two pixels on each side.
        seed: of the draws.

    Raises:
        ValueError: another split or size, ``per_class`` below 1, or a negative ``seed``.
        ModuleNotFoundError: the package matplotlib, which has the fonts, is missing.
    """
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}; accepted are {', '.join(SPLITS)}.")
    if size not in (28, 32):
        raise ValueError(f"size is {size}; digits come as 32 or 28.")
    per_class = SPLITS[split] if per_class is None else per_class
    if per_class < 1:
        raise ValueError(f"per_class must be at least 1, got {per_class}.")
    if seed < 0:
        raise ValueError(f"seed must not be negative, got {seed}.")
    n = 10 * per_class
    random = torch.Generator().manual_seed(2 * seed + (split == "test"))
    labels = torch.arange(n) % 10
    glyphs = _glyphs()
    fonts = torch.randint(len(glyphs), (n,), generator=random)
    images = _place(glyphs[fonts, labels], torch.rand(n, 4, generator=random))
    if size == 28:
        images = images[:, :, 2:-2, 2:-2]
    return TensorDataset(images.contiguous() * 2 - 1, labels)


@cache
def _glyphs() -> Tensor:
    """Return each font's digits ``(fonts, 10, 1, CANVAS, CANVAS)`` in [0, 1], ink centred."""
    package = find_spec("matplotlib")
    if package is None:
        raise ModuleNotFoundError("Printed digits need matplotlib. Run: pip install matplotlib")
    folder = Path(package.origin).parent / "mpl-data" / "fonts" / "ttf"
    files = [file for font in FONTS if (file := folder / f"{font}.ttf").is_file()]
    drawings = [[_draw(file, str(digit)) for digit in range(10)] for file in files]
    return torch.from_numpy(np.array(drawings))[:, :, None] / 255


def _draw(font_file: Path, digit: str) -> np.ndarray:
    """Return the digit ``(CANVAS, CANVAS)`` uint8, its ink HEIGHT high and in the middle."""
    trial = ImageFont.truetype(str(font_file), 100)
    _, top, _, bottom = trial.getbbox("0")  # one size a font, so that 1 and 0 stay in proportion
    font = ImageFont.truetype(str(font_file), round(100 * HEIGHT / (bottom - top)))
    left, top, right, bottom = font.getbbox(digit)
    canvas = Image.new("L", (CANVAS, CANVAS))
    corner = ((CANVAS - left - right) / 2, (CANVAS - top - bottom) / 2)
    ImageDraw.Draw(canvas).text(corner, digit, fill=255, font=font)
    return np.array(canvas)


def _place(glyphs: Tensor, draws: Tensor) -> Tensor:
    """Scale, turn and shift each glyph by its four draws in [0, 1); return ``(N, 1, 32, 32)``."""
    scale = SCALE[0] + (SCALE[1] - SCALE[0]) * draws[:, 0]
    turn = TURN * (2 * draws[:, 1] - 1)
    shift = SHIFT * (2 * draws[:, 2:] - 1) / 16  # affine_grid's unit is half the picture
    cos, sin = turn.cos() / scale, turn.sin() / scale
    # The map goes from the new picture to the glyph, so it is the inverse: turn back, then unscale.
    rotation = torch.stack([cos, sin, -sin, cos], dim=1).view(-1, 2, 2)
    offset = -rotation @ shift[:, :, None]
    grid = affine_grid(
        torch.cat([rotation, offset], dim=2), list(glyphs.shape), align_corners=False
    )
    return avg_pool2d(grid_sample(glyphs, grid, align_corners=False), 2).clamp(0, 1)
