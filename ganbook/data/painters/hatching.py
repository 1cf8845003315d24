"""Crossed lines of ink, denser where it is darker: the manner of etchings."""

import numpy as np

from ganbook.data.painters.tools import colours, grid, mix, noise, rough, step

LINES = ((0.0, 0.95, 62), (1.0, 0.62, 58), (-1.0, 0.42, 66), (0.45, 0.25, 74))


def paint(side: int, random: np.random.Generator) -> np.ndarray:
    """Return hills under a moon, ``(side, side, 3)``."""
    x, y = grid(side)
    tone = 0.75 - 0.45 * step(y, 0.6, 0.0) + 0.12 * rough(side, 4, random, 3)
    field = y + 0.03 * np.sin(5 * x) + 0.02 * noise(side, 4, random)
    moon = np.hypot(x - 0.7, y - 0.25) - 0.13
    tone = np.where(moon < 0, 1.05, tone + 0.3 * np.exp(-((moon / 0.1) ** 2)))
    for k in range(5):
        wave = x * (3 + 1.3 * k) + 2.1 * k
        top = 0.42 + 0.12 * k + 0.09 * np.sin(wave) + 0.02 * rough(side, 6, random, 3)
        deep = ((y - top) / 0.2).clip(0, 1)
        hill = 0.9 - 0.05 * k - 0.65 * np.cos(wave).clip(-0.2, 1) - 0.25 * deep
        hill = np.where(np.abs(y - top) < 0.004, 0, hill + 0.15 * noise(side, 12, random))
        tone = np.where(y > top - 0.004, hill, tone)
        bent = 0.6 * (y - top) + 0.35 * x * (-1) ** (k + 1) + 0.1 * np.sin(8 * x + k)
        field = np.where(y > top, bent, field)
    paper = colours("f1e6cc") * (1 + 0.03 * rough(side, 40, random, 3)[..., None])
    ink = hatch(tone, field + 0.004 * rough(side, 20, random, 3))
    return mix(paper, colours("2a1a14"), ink * (0.92 + 0.08 * noise(side, 90, random)))


def hatch(tone: np.ndarray, field: np.ndarray) -> np.ndarray:
    """Return how much ink, in [0, 1], gives a tone ``(S, S)`` from 0, black, to 1.

    Lines run where the field is constant. Darker parts get thicker ones, then others across them.
    """
    x, y = grid(len(tone))
    ink = step(tone, 0.03, 0.0)
    for turn, low, many in LINES:
        phase = many * (field * np.cos(turn) + (x + 0.3 * y) * np.sin(turn))
        thick = ((low - tone) * 1.15).clip(0, 0.62)
        lines = step(np.abs(phase % 1 - 0.5) * 2 - thick, 0.08, -0.08)
        ink = np.maximum(ink, lines * (thick > 0.02))
    return ink
