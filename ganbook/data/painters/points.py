"""Dots of unmixed colour, which mix in the eye: the manner of Georges Seurat and Paul Signac."""

import numpy as np
from PIL import Image, ImageDraw

from ganbook.data.painters.tools import colours, grid, mix, noise, ramp, rough, step

PURE = ("1e3a8a", "2f7fd0", "f2c230", "e8662a", "c22f3f", "3d9a48", "f8efd8", "6b3f8f", "1f4f3f")
LAYERS = ((52, 0.0115), (72, 0.0085), (90, 0.0068))  # dots in a row, radius
TREES = (  # x, top, width, shadow to light
    (0.16, 0.1, 0.17, ("123f35", "1f6b3f", "b9c93a")),
    (0.84, 0.2, 0.13, ("3f2a5c", "8f3f3a", "f09a3a")),
)


def paint(side: int, random: np.random.Generator) -> np.ndarray:
    """Return two trees at a river, the sun low, ``(side, side, 3)``."""
    x, y = grid(side)
    sky = y / 0.5 + 0.15 * rough(side, 3, random, 2)
    cartoon = ramp(sky, colours("3f6fc4", "7fb0e6", "f0d9d0", "fbe3a0", "f7b46a"))
    sun = np.hypot(x - 0.4, y - 0.27)
    cartoon = mix(cartoon, colours("fff3b0"), step(sun, 0.16, 0.05))

    shore = 0.5 + 0.015 * np.sin(9 * x) + 0.05 * x
    hills = shore - 0.1 - 0.06 * np.sin(4 * x + 1) - 0.02 * np.sin(17 * x)
    cartoon = mix(cartoon, ramp((y - hills) / 0.12, colours("6f6fb8", "7f9fb0")), y > hills)
    water = ramp((y - shore) * 2, colours("f7c878", "6fa8cf", "2f6fb8", "233f8a"))
    glitter = np.exp(-(((x - 0.4) / (0.05 + 0.25 * (y - shore))) ** 2))
    water = mix(water, colours("fbd98a"), glitter * (0.48 + 0.32 * np.sin(160 * y)))
    cartoon = mix(cartoon, water, y > shore)

    for cx, top, width, names in TREES:
        middle, tall = 0.5 * (shore + top) - 0.02, (shore - top) / 1.75
        shade = ramp(0.5 - (x - cx + 0.7 * (y - middle)) / (2 * width), colours(*names))
        ragged = 0.12 * rough(side, 7, random, 2)
        crown = np.hypot((x - cx) / width, (y - middle) / tall) + ragged < 1
        mirror = np.hypot((x - cx) / width / 0.9, (y - 2 * shore + middle) / tall) + ragged < 1
        trunk = (np.abs(x - cx) < 0.016) & (np.abs(y - shore) < 0.07)
        cartoon = mix(cartoon, shade * 0.8, 0.7 * (mirror & (y > shore)))
        cartoon = mix(cartoon, colours("4a2f2a"), trunk)
        cartoon = mix(cartoon, shade, crown & (y < shore))
    lawn = (y - 0.82 + 0.1 * x - 0.02 * np.sin(8 * x)) * 5
    grass = ramp(lawn + 0.4 * noise(side, 7, random), colours("2a6b35", "9fbf3a", "e8d24a"))
    return dots(mix(cartoon, grass, lawn > 0), random)


def dots(cartoon: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a cartoon ``(S, S, 3)`` in dots, each halfway between its own and a pure colour.

    Which pure one is drawn by chance, a near one more often.
    """
    side, pure = len(cartoon), colours(*PURE)
    ground = Image.fromarray((255 * mix(cartoon, 0.9, 0.35).clip(0, 1)).astype(np.uint8))
    paint = ImageDraw.Draw(ground)
    for row, radius in LAYERS:
        corners = np.stack(np.meshgrid(np.arange(row), np.arange(row)), -1).reshape(-1, 2)
        at = (corners + random.uniform(0, 1, corners.shape)) / row * side
        random.shuffle(at)
        i, j = at.astype(int).clip(0, side - 1).T
        tone = cartoon[j, i]
        far = np.linalg.norm(tone[:, None] - pure, axis=-1)
        chosen = pure[(far + random.gumbel(0, 0.13, far.shape)).argmin(axis=1)]
        tone = (tone + chosen) / 2 + random.normal(0, 0.03, tone.shape)
        tone = (255 * tone.clip(0, 1)).astype(int).tolist()
        radii = radius * side * random.uniform(0.75, 1.15, (len(at), 1))
        for box, colour in zip(np.hstack([at - radii, at + radii]).tolist(), tone):
            paint.ellipse(box, tuple(colour))
    return np.asarray(ground) / 255
