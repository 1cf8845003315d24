"""Small cut stones in rings, with dark joints: the floors and vaults of Byzantine churches."""

import numpy as np

from ganbook.data.painters.tools import TURN, colours, grid, light, mix, noise, ramp, step

ROW = 1 / 44  # width of a ring of stones
GROUND = (0.5, 1.6, 9.0)  # centre and radius of its arcs
MEDALLIONS = ((0.5, 0.5, 0.4, 8),) + tuple(
    (a, b, 0.26, 6) for a in (0.02, 0.98) for b in (0.02, 0.98)
)


def paint(side: int, random: np.random.Generator) -> np.ndarray:
    """Return medallions with stars on a ground of gold, ``(side, side, 3)``."""
    x, y = grid(side)
    x, y = x + 0.004 * noise(side, 24, random), y + 0.004 * noise(side, 24, random)
    canvas = stones(x - GROUND[0], y - GROUND[1], _gold, random)
    for cx, cy, radius, rays in MEDALLIONS:
        medal = stones(x - cx, y - cy, lambda r, a: _medallion(r / radius, a, rays), random)  # noqa: B023
        canvas = mix(canvas, medal, np.hypot(x - cx, y - cy) < radius)
    return canvas


def stones(x: np.ndarray, y: np.ndarray, tone, random: np.random.Generator) -> np.ndarray:
    """Return rings of stones around 0, each of one colour, its ``tone(radius, angle)``, varied."""
    far, turn = np.hypot(x, y) / ROW, np.arctan2(y, x) / TURN
    ring = np.floor(far).astype(int)
    many = np.maximum(3, np.round(TURN * (ring + 0.5)))  # stones about as long as wide
    phase = random.uniform(0, 1, ring.max() + 1)[ring]
    place = turn * many + phase
    stone = np.floor(place)
    # A stone's chances, looked up by a number that is its own, or nearly.
    chance = random.uniform(0, 1, (2**16, 4))[(ring * 7919 + stone.astype(int) * 104729) % 2**16]
    edge = np.minimum(0.5 - np.abs(far - ring - 0.5), 0.5 - np.abs(place - stone - 0.5))
    colour = tone((ring + 0.5) * ROW, (stone + 0.5 - phase) / many * TURN)
    colour = colour * (0.72 + 0.5 * chance[..., :1]) + 0.1 * (chance[..., 1:] - 0.5)
    colour = colour * (1 + 0.12 * light(edge.clip(0, 0.3), 6)[..., None])
    return mix(colours("231a16"), colour, step(edge, 0.05, 0.13))


def _gold(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    x, y = GROUND[0] + radius * np.cos(angle), GROUND[1] + radius * np.sin(angle)
    shine = 0.5 + 0.5 * np.sin(9 * x + 4 * np.sin(6 * y))
    gold = ramp(shine, colours("7a4a12", "b9801f", "e3b23c", "f7dc83"))
    return mix(gold, colours("1f7a5c"), np.sin(23 * x) * np.sin(23 * y) > 0.72)


def _medallion(radius: np.ndarray, angle: np.ndarray, rays: int) -> np.ndarray:
    star = 0.53 + 0.25 * np.cos(rays * angle)
    tone = ramp((3 * radius) % 1, colours("0d2a66", "1f4fa3", "2f86c6"))
    inside = ramp(radius / (star + 0.02), colours("f9e7a0", "d94f2b", "8f1d2c"))
    tone = mix(tone, inside, radius < star)
    tone = mix(tone, colours("f6ecd2"), (np.abs(radius - star) < 0.04) | (radius > 0.88))
    return mix(tone, colours("8f1d2c"), radius > 0.94)
