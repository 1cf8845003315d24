"""Outlined waves in rows under a red sun: the manner of Japanese woodblock prints."""

import numpy as np
from PIL import Image

from ganbook.data.painters.tools import TURN, colours, grid, mix, noise, ramp, step

ROWS, RINGS = 11, 5
MIST = ((0.1, 0.09), (0.82, 0.15), (0.3, 0.22), (0.6, 0.3), (0.08, 0.34))
INK, CREAM, SEA = colours("10233f", "f5ecd2", "1c4a86")


def paint(side: int, random: np.random.Generator) -> np.ndarray:
    """Return a sea of waves, sun and mist above, ``(side, side, 3)``."""
    x, y = grid(side)
    canvas = ramp(y / 0.5, colours("e9d8b0", "f3e7c9", "f0c9a0"))
    sun = np.hypot(x - 0.68, y - 0.24)
    canvas = mix(canvas, ramp(y / 0.4, colours("c8321f", "dd5a36")), step(sun, 0.1505, 0.149))
    for k, (cx, cy) in enumerate(MIST):
        for j in range(3):  # a bank: three bars with round ends
            half = (0.2, 0.13, 0.08)[(j + k) % 3]
            far = np.hypot((np.abs(x - cx - 0.06 * (j - 1)) - half).clip(0), y - cy - 0.02 * j)
            bar = colours("f7f0dc", "c9d6cf")[(j + k) % 2]
            canvas = mix(canvas, bar, step(far, 0.0112, 0.0098))
    crest = 0.44
    for row in range(ROWS):  # from far to near, larger and larger
        radius = 0.055 + 0.011 * row
        canvas = _wave(canvas, x, y, row, crest, radius, random)
        crest += radius / 2
    fibres = Image.fromarray(random.uniform(-1, 1, (150, 6)).astype(np.float32))
    fibres = np.asarray(fibres.resize((side, side), Image.Resampling.BICUBIC))
    grain = 0.5 * noise(side, 128, random) + 0.5 * noise(side, 60, random) + fibres
    return canvas * (1 + 0.05 * grain)[..., None]


def _wave(canvas, x, y, row, crest, radius, random):
    """Lay one row of waves over the canvas: discs of rings, foam on the crests of some."""
    below = y > crest - 0.1
    first = below.any(axis=1).argmax()
    x, y = x[first:], y[first:]
    pitch = 1.62 * radius
    shift = (row % 2) * pitch / 2 + random.uniform(-0.1, 0.1) * pitch
    column = np.round((x - shift) / pitch)
    cx = column * pitch + shift
    cy = crest + radius + 0.02 * np.sin(2.1 * cx * (3 + row / 4) + row) * (1 + row / 6)
    far = np.hypot(x - cx, y - cy) / radius
    ring = np.floor(RINGS * far)
    depth = 0.91 - 0.75 * far + 0.1 * np.sin(3.3 * column + row) + 0.12 * (row % 3 - 1)
    tone = ramp(depth, colours("cfe3df", "7fb3c8", "2f74ac", "1c4a86", "12305f"))
    tone = mix(tone, CREAM, 0.55 * (ring % 2))
    line = (0.5 - np.abs(RINGS * far - ring - 0.5)) / RINGS
    tone = mix(INK, tone, step(line, 0.010, 0.022) * step(far, 0.975, 0.955))
    part = mix(canvas[first:], SEA, y > cy)
    part = mix(part, tone, far < 1)

    angle = np.arctan2(y - cy, x - cx)
    drop = np.round(angle / TURN * 34) / 34 * TURN  # discs of foam along the rim
    off = np.hypot(x - cx - 0.98 * radius * np.cos(drop), y - cy - 0.98 * radius * np.sin(drop))
    foam = (angle < -0.35) & (angle > -2.2) & (np.sin(5.1 * column + 2.3 * row) > -0.35)
    part = mix(part, INK, step(off / radius, 0.115, 0.105) * foam)
    part = mix(part, CREAM, step(off / radius, 0.09, 0.08) * foam)
    return np.concatenate([canvas[:first], part])
