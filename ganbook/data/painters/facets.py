"""Shaded planes and arcs that cut each other: the manner of the cubists."""

import numpy as np

from ganbook.data.painters.tools import TURN, colours, grid, light, mix, noise, rough, step

PALETTE = ("c9772f", "e6b566", "3f6f8f", "1f3a4f", "8f3b2a", "d9cba8", "4f7f6a", "2a2320", "b9b0a0")
PLANES, CELLS = 70, 5


def paint(side: int, random: np.random.Generator) -> np.ndarray:
    """Return a still life of planes, ``(side, side, 3)``."""
    x, y = grid(side)
    palette, canvas = colours(*PALETTE), np.full((side, side, 3), 0.5, np.float32)
    for k in range(PLANES):
        # The first ones fill a grid, so that nothing stays bare; later ones are smaller.
        cell = k % CELLS, k // CELLS % CELLS
        centre = (np.array(cell) + random.uniform(0.1, 0.9, 2)) / CELLS
        reach = 0.36 * (1 - 0.72 * k / PLANES) * random.uniform(0.8, 1.2)
        (left, top), (right, bottom) = (
            ((centre + move) * side).astype(int).clip(0) for move in (-1.2 * reach, 1.2 * reach)
        )
        place = np.s_[top:bottom, left:right]
        turn = random.integers(8) * TURN / 8 + random.normal(0.25, 0.12)
        dx, dy = x[place] - centre[0], y[place] - centre[1]
        p, q = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
        lean = random.uniform(-0.5, 0.5)
        if k % 5 == 4:  # half a disc
            inside = np.minimum(0.8 * reach - np.hypot(p, q), p)
        else:
            inside = np.minimum(0.45 * reach - np.abs(q - lean * p), p + 0.5 * reach)
            inside = np.minimum(inside, 0.6 * reach - p + 0.3 * q)
        shade = (p / reach + 0.5).clip(0, 1)
        tone = palette[random.integers(len(palette))] * (1.3 - 0.85 * shade)[..., None]
        if k % 3 == 1:  # the grain of wood, or strings
            tone = tone * (1 - 0.4 * step(np.abs(60 * q % 1 - 0.5), 0.15, 0.3))[..., None]
        part = mix(canvas[place], tone, step(inside, 0, 0.002) * (1 - 0.45 * shade))
        canvas[place] = mix(part, colours("1a1412"), 0.85 * step(np.abs(inside), 0.0042, 0.0022))
    dabs = 0.6 * noise(side, 90, random) + 0.4 * rough(side, 30, random, 3)
    return canvas * (1 + 0.25 * light(dabs, 4.8 * side / 768) + 0.06 * dabs)[..., None]
