"""Coloured panes in lead: the rose windows of Gothic cathedrals."""

import numpy as np

from ganbook.data.painters.tools import TURN, colours, grid, light, mix, rough, step

FOLDS = 10
RINGS = (0.12, 0.42, 0.76, 1.0)
PANES = (  # middles of the panes in half a wedge: outwards, sideways, colour
    (0.00, 0.00, "f4c534"),
    (0.17, 0.00, "c81e2e"),
    (0.27, 0.08, "1f4fb8"),
    (0.36, 0.00, "e8862a"),
    (0.47, 0.14, "117a4f"),
    (0.52, 0.03, "2a2f86"),
    (0.66, 0.00, "d6273a"),
    (0.63, 0.12, "3f8fd8"),
    (0.70, 0.21, "7a1f6b"),
    (0.80, 0.07, "f4c534"),
    (0.86, 0.20, "1f4fb8"),
    (0.95, 0.00, "c81e2e"),
    (0.97, 0.13, "f0e2a8"),
    (1.08, 0.26, "117a4f"),
    (1.10, 0.06, "2a2f86"),
    (1.25, 0.18, "b8202e"),
    (1.25, 0.34, "3f8fd8"),
    (1.40, 0.05, "e8862a"),
    (1.42, 0.30, "1f4fb8"),
)


def paint(side: int, random: np.random.Generator) -> np.ndarray:
    """Return a rose window, ``(side, side, 3)``: one half of a wedge, mirrored 20 times."""
    x, y = (2 * a - 1 for a in grid(side))
    r, turn = np.hypot(x, y), np.arctan2(y, x) / TURN * FOLDS
    wedge = np.abs(turn % 1 - 0.5) * 2  # 0 in the middle of a wedge, 1 at its border
    u, v = r * np.cos(wedge * np.pi / FOLDS), r * np.sin(wedge * np.pi / FOLDS)

    *middles, names = zip(*PANES)
    middles = np.array(middles) + random.normal(0, 0.008, (2, len(PANES))) * np.sign(middles)
    first, second = np.full_like(r, 9), np.full_like(r, 9)  # distance to the nearest two
    pane = np.zeros(r.shape, int)
    for k, (a, b) in enumerate(middles.T):
        far = np.hypot(u - a, v - b)
        pane = np.where(far < first, k, pane)
        first, second = np.minimum(first, far), np.minimum(second, np.maximum(first, far))

    chance = random.uniform(0.8, 1.2, 97)[(np.floor(turn).astype(int) * 31 + pane * 17) % 97]
    waves = 0.16 * rough(side, 14, random, 3)
    glow = 1.18 - 0.4 * (first / 0.16).clip(0, 1) ** 2
    tone = colours(*names)[pane] * (chance * (glow + waves))[..., None]
    tone = mix(tone, 1, 0.16 * step(rough(side, 20, random, 3), 0.5, 1.1))  # bubbles and scratches

    lead = np.minimum(second - first, np.where(r > 0.12, 1.2 * (1 - wedge) * r * np.pi / FOLDS, 1))
    for ring in RINGS:
        lead = np.minimum(lead, 1.1 * np.abs(r - ring))
    ridge = 1 + 1.5 * light(lead.clip(0, 0.02), 200 * side / 768)
    return mix(colours("0d0b10") * ridge[..., None], tone, step(lead, 0.016, 0.026))
