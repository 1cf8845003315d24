"""Ink that floats on water, drawn with combs: marbled paper, in Turkish ebru."""

import numpy as np

from ganbook.data.painters.tools import TURN, colours, grid, mix, noise, rough, step

BANDS = (  # from where, which colour
    (0.00, "12305a"),
    (0.18, "f3e6c8"),
    (0.27, "c0392b"),
    (0.48, "e9b44c"),
    (0.56, "1f7a78"),
    (0.76, "f3e6c8"),
    (0.84, "0f1f3a"),
)


def paint(side: int, random: np.random.Generator) -> np.ndarray:
    """Return marbled paper, ``(side, side, 3)``."""
    u, v = grid(side)
    for k in range(3):  # stirred
        u, v = (a + 0.09 / 2**k * noise(side, 3 * 2**k, random) for a in (u, v))
    v = v + 0.08 * np.abs(np.sin(9 * np.pi / 2 * u)) ** 0.6  # combed downwards
    u = u + 0.02 * np.sin(20 * v)
    v = v + 0.05 * np.exp(-((5 * (4 * u % 1 - 0.5)) ** 2))  # and again, with a wider comb
    part = (6.5 * v + 0.35 * np.sin(TURN * u)) % 1
    starts, names = zip(*BANDS)
    tone = colours(*names)[np.searchsorted(starts[1:], part)]
    edge = np.abs(part[..., None] - [*starts, 1]).min(axis=-1)
    tone = tone * (0.55 + 0.45 * step(edge, 0, 0.02))[..., None]
    drops = rough(side, 15, random, 2)
    for low, name in ((0.95, "0f1f3a"), (0.99, "f3e6c8")):
        tone = mix(tone, colours(name), step(drops, low, low + 0.03))
    return tone * (1 + 0.06 * rough(side, 60, random, 2))[..., None]
