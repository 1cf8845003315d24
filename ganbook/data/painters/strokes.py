"""Thick, swirling strokes in a relief of paint, lit from the side: Vincent van Gogh's manner."""

import numpy as np
from PIL import Image, ImageDraw

from ganbook.data.painters.tools import colours, grid, light, mix, noise, ramp, rough, step

LAYERS = ((900, 0.09, 0.02), (2600, 0.07, 0.011), (3200, 0.05, 0.0075))  # number, length, width
LIGHTS = (  # x, y, radius
    (0.78, 0.2, 0.085),
    (0.2, 0.16, 0.05),
    (0.47, 0.1, 0.035),
    (0.5, 0.4, 0.06),
    (0.1, 0.45, 0.035),
)
BRISTLES, PIECES = 4, 7  # of a stroke: side by side, and one after the other


def paint(side: int, random: np.random.Generator) -> np.ndarray:
    """Return a night with lights over hills, and a tree, ``(side, side, 3)``."""
    x, y = grid(side)
    height = y / 0.75 + 0.16 * rough(side, 4, random, 2)
    cartoon = ramp(height, colours("0b1c4d", "1b3f8f", "2f6fc4", "7fb6dd", "d9e2b0"))
    angle = 0.25 * np.sin(7 * x) + 0.5 * noise(side, 3, random)
    u, v = np.cos(angle), np.sin(angle)  # the flow of the air, around each light
    for cx, cy, radius in LIGHTS:
        dx, dy = x - cx, y - cy
        far = np.hypot(dx, dy) / radius + 1e-5
        whirl = 3 * np.exp(-((far / 2.2) ** 2)) / (far * radius)
        u, v = u - whirl * dy, v + whirl * dx
        halo = ramp(far / 2.4, colours("fff6c8", "fbd23c", "e9a820", "8fb8a8"))
        halo = halo * (0.925 + 0.075 * np.cos(6 * far))[..., None]
        cartoon = mix(cartoon, halo, step(far, 2.6, 1.4))

    hills = 0.74 + 0.05 * np.sin(5 * x + 0.5) + 0.03 * np.sin(13 * x)
    depth = (y - hills) / 0.26 + 0.3 * noise(side, 8, random)
    cartoon = mix(cartoon, ramp(depth, colours("2b5d7d", "1f6b52", "6f8f2f", "c9a227")), y > hills)
    slope = 0.25 * np.cos(5 * x + 0.5) + 0.5 * noise(side, 5, random)
    u, v = np.where(y > hills, 1, u), np.where(y > hills, slope, v)

    width = 0.085 * ((y - 0.22) / 0.6).clip(0, 1) ** 0.8
    tree = np.abs(x - 0.3 + 0.025 * np.sin(22 * y)) < width
    leaves = ramp(0.5 + 0.6 * noise(side, 16, random), colours("10241f", "1d4a33", "3f6b35"))
    cartoon = mix(cartoon, leaves, tree)
    u, v = np.where(tree, 0.45 * np.sin(25 * y + 12 * x), u), np.where(tree, -1, v)
    return brush(cartoon, u, v, random)


def brush(
    cartoon: np.ndarray,
    u: np.ndarray,
    v: np.ndarray,
    random: np.random.Generator,
    layers: tuple[tuple[int, float, float], ...] = LAYERS,
) -> np.ndarray:
    """Return a cartoon ``(S, S, 3)`` painted with strokes along a flow ``u, v``, each ``(S, S)``.

    A stroke has the colour of its middle, about. Its bristles leave ridges of paint, which are lit.
    """
    side = len(cartoon)
    speed = np.hypot(u, v) + 1e-6
    flow = np.stack([u / speed, v / speed], axis=-1)
    ground = Image.fromarray((204 * cartoon.clip(0, 1)).astype(np.uint8))
    relief = Image.new("L", (side, side), 100)
    paint, paste = ImageDraw.Draw(ground), ImageDraw.Draw(relief)
    for number, length, width in layers:
        path = [random.uniform(-0.02, 1.02, (number, 2)) * side]
        for _ in range(PIECES):
            path.append(path[-1] + flow[_places(path[-1], side)] * side * length / PIECES)
        tone = cartoon[_places(path[PIECES // 2], side)] * random.normal(1, 0.16, (number, 1))
        tone = tone + random.normal(0, 0.05, (number, 3))
        along = path[-1] - path[0]
        across = along[:, ::-1] * (-1, 1) / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-6)
        shift = (np.arange(BRISTLES) - (BRISTLES - 1) / 2) * width * side / BRISTLES
        lines = np.stack(path, axis=1)[:, None] + (across[:, None] * shift[:, None])[:, :, None]
        shade = random.normal(1, 0.09, (number, BRISTLES, 1))
        tones = (255 * (tone[:, None] * shade).clip(0, 1)).astype(int)
        heights = random.normal(150, 35, (number, BRISTLES)).clip(0, 255).astype(int)
        thin = max(1, round(1.5 * width * side / BRISTLES))
        drawn = (a.reshape(number * BRISTLES, -1).tolist() for a in (lines, tones, heights))
        for line, colour, (level,) in zip(*drawn):
            paint.line(line, tuple(colour), thin)
            paste.line(line, level, thin)
    lit = light(np.asarray(relief), 0.02)
    return np.asarray(ground) / 255 * (1 + 0.35 * lit[..., None])


def _places(at: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column of points ``(N, 2)``; those outside count as on the edge."""
    column, row = at.astype(int).clip(0, side - 1).T
    return row, column
