"""What the drawn paintings share: grids, smooth noise, colours, light from the side."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

TURN = 2 * np.pi


def grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return x (to the right) and y (downwards) of the pixels' centres, in (0, 1)."""
    line = (np.arange(side, dtype=np.float32) + 0.5) / side
    return np.broadcast_to(line, (side, side)), np.broadcast_to(line[:, None], (side, side))


def noise(side: int, cells: int, random: np.random.Generator) -> np.ndarray:
    """Return smooth noise ``(side, side)`` float32, about in [-1, 1], with bumps 1 / cells wide."""
    values = random.uniform(-1, 1, (cells + 3, cells + 3)).astype(np.float32)
    scale = side / cells
    large = Image.fromarray(values).resize(
        (side, side), Image.Resampling.BICUBIC, (1, 1, 1 + side / scale, 1 + side / scale)
    )
    return np.asarray(large)


def rough(side: int, cells: int, random: np.random.Generator, octaves: int = 4) -> np.ndarray:
    """Return noise of several scales, each half as wide and half as strong as the one before."""
    return sum(noise(side, cells * 2**k, random) / 2**k for k in range(octaves))


def colours(*names: str) -> np.ndarray:
    """Return colours given as ``rrggbb``, ``(N, 3)`` float32 in [0, 1]."""
    values = [[int(name[k : k + 2], 16) for k in (0, 2, 4)] for name in names]
    return np.array(values, np.float32) / 255


def ramp(values: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Return colours ``(..., 3)`` for values from 0, the first of the palette, to 1, its last."""
    places = np.linspace(0, 1, len(palette))
    return np.stack([np.interp(values, places, channel) for channel in palette.T], axis=-1)


def mix(below: np.ndarray, above: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """Return ``above`` laid over ``below``, as opaque as ``share`` says for each pixel."""
    share = np.asarray(share, np.float32)[..., None]
    return below + share * (above - below)


def step(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return 0 below ``low``, 1 above ``high``, and a smooth rise between (falls if low > high)."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def light(height: np.ndarray, strength: float) -> np.ndarray:
    """Return how much brighter each pixel ``(S, S)`` of a relief is, lit from the upper left."""
    down, right = np.gradient(height.astype(np.float32))
    return np.tanh(strength * (right + down))


def finish(canvas: np.ndarray, size: int) -> Tensor:
    """Return ``(3, size, size)`` in [-1, 1] of a canvas ``(S, S, 3)`` in [0, 1], reduced."""
    pixels = Image.fromarray((np.clip(canvas, 0, 1) * 255 + 0.5).astype(np.uint8))
    pixels = np.asarray(pixels.resize((size, size), Image.Resampling.LANCZOS))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 127.5 - 1
