"""Horses and zebras in the grass: two domains without pairs, whose hidden truth is known."""

from functools import cache

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample, interpolate
from torch.utils.data import TensorDataset

from ganbook.data.coats import load_coats, open_picture

ANIMALS = ("horse", "zebra")
CHUNK = 50  # scenes drawn at once
MEADOW, STEPPE = (0.30, 0.48, 0.16), (0.56, 0.58, 0.24)
ZENITH, HAZE, CLOUD = (0.40, 0.62, 0.90), (0.75, 0.86, 0.96), (0.97, 0.97, 0.97)
WOOD = (0.20, 0.33, 0.22)


def load_domain(animal: str, n: int = 1000, size: int = 64, seed: int = 0) -> TensorDataset:
    """Return ``n`` images ``(n, 3, size, size)`` float32 in [-1, 1] of one animal, to train with.

    The horses' scenes are not the zebras': no horse has its zebra in the other domain, but poses,
    grass, sky and light have the same distribution. A larger ``n`` continues a smaller one.

    Args:
        animal: ``horse`` or ``zebra``.
        n: scenes.
        size: side in pixels.
        seed: of the scenes. Those of :func:`load_scenes` are others at every seed.

    Raises:
        ValueError: unknown animal, ``n`` or ``size`` below 1, or a negative ``seed``.
        ModuleNotFoundError: scikit-image is missing.
    """
    if animal not in ANIMALS:
        raise ValueError(f"animal is {animal!r}; accepted are {', '.join(ANIMALS)}.")
    which = ANIMALS.index(animal)
    return TensorDataset(_scenes(n, size, seed, stream=which)[which])


def load_scenes(n: int = 200, size: int = 64, seed: int = 0) -> TensorDataset:
    """Return scenes with both animals, to measure: ``(horses, zebras, masks)``.

    Horses and zebras ``(n, 3, size, size)`` float32 in [-1, 1]: the same pose, ground and light, so
    each is the one true translation of the other; masks ``(n, 1, size, size)`` in [0, 1], 1 on the
    animal. Horse and zebra are equal where the mask is 0.

    Raises:
        ValueError: ``n`` or ``size`` below 1, or a negative ``seed``.
        ModuleNotFoundError: scikit-image is missing.
    """
    return TensorDataset(*_scenes(n, size, seed, stream=2))


def _scenes(n: int, size: int, seed: int, stream: int) -> tuple[Tensor, Tensor, Tensor]:
    for name, value, least in (("n", n, 1), ("size", size, 1), ("seed", seed, 0)):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}.")
    random = torch.Generator().manual_seed(3 * seed + stream)
    # Whole chunks are drawn, so that the first scenes do not depend on how many follow.
    chunks = [_paint(size, random) for _ in range(0, n, CHUNK)]
    horses, zebras, masks = (torch.cat(parts)[:n] for parts in zip(*chunks))
    return 2 * horses - 1, 2 * zebras - 1, masks


def _paint(size: int, random: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Return CHUNK horses, zebras and masks in [0, 1], drawn at twice the size for smooth edges."""
    side = 2 * size
    ground, pose = _ground(side, random), _pose(side, random)
    brightness, warmth = _draw(random, 0.84, 1.06), _draw(random, -0.04, 0.04)
    light = brightness * torch.cat([1 + warmth, torch.ones_like(warmth), 1 - warmth], dim=1)
    layers = _layers(side).expand(CHUNK, -1, -1, -1)
    posed = grid_sample(layers, pose, padding_mode="border", align_corners=False)
    horse, zebra, mask, shadow = posed.split([3, 3, 1, 1], dim=1)
    ground = ground * (1 - 0.55 * shadow)
    images = [light * (coat * mask + ground * (1 - mask)) for coat in (horse, zebra)]
    return *(avg_pool2d(image, 2).clamp(0, 1) for image in images), avg_pool2d(mask, 2)


@cache
def _layers(side: int) -> Tensor:
    """Return horse, zebra, mask and shadow ``(1, 8, S, S)``, S a little above ``side``.

    Sampling from a picture much larger than the result would pick single pixels of it.
    """
    coats, mask = load_coats()
    line = torch.linspace(-1, 1, mask.shape[-1])
    y, x = torch.meshgrid(line, line, indexing="ij")
    shadow = torch.exp(-((((x + 0.12) / 0.62) ** 2 + ((y - 0.72) / 0.09) ** 2) ** 1.5))
    layers = torch.cat([coats.flatten(0, 1), mask, shadow[None]])[None]
    return interpolate(layers, size=side + side // 4, mode="area")


def _pose(side: int, random: Generator) -> Tensor:
    """Return for each pixel of CHUNK pictures its place on the canvas ``(CHUNK, side, side, 2)``.

    Mirrored or not, scaled, shifted, sheared, turned; then the neck bent and the legs spread.
    """
    line = (torch.arange(side) + 0.5) * 2 / side - 1
    y, x = torch.meshgrid(line, line, indexing="ij")
    mirror = 1 - 2 * (_draw(random, 0, 1)[:, 0] < 0.5).float()
    scale = _draw(random, 0.87, 0.98)[:, 0]
    x = (x - _draw(random, -1, 1)[:, 0] * (1 - scale)) * mirror / scale
    y = (y - 0.12 - _draw(random, -0.5, 1)[:, 0] * (1 - scale)) / scale
    x = x + _draw(random, -0.08, 0.08)[:, 0] * y
    x, y = _turned(x, y, _draw(random, -0.09, 0.09)[:, 0])
    neck = torch.sigmoid((x - 0.9 * y - 0.62) / 0.1)  # 1 on neck and head, 0 behind the shoulder
    x, y = _turned(x - 0.33, y + 0.05, neck * _draw(random, -0.26, 0.12)[:, 0])
    x, y = x + 0.33, y - 0.05
    stride = _draw(random, -0.16, 0.16)[:, 0] * (y - 0.2).clamp(min=0)
    x = x + stride * torch.tanh(10 * x)  # hind legs one way, front legs the other
    return torch.stack([x, y], dim=-1)


def _turned(x: Tensor, y: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
    return x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()


def _ground(side: int, random: Generator) -> Tensor:
    """Return CHUNK pictures ``(CHUNK, 3, side, side)``: grass, hills at the horizon, clouds."""
    y = ((torch.arange(side) + 0.5) / side)[:, None]
    horizon = _draw(random, 0.18, 0.5)
    texture = _grass(side, random)
    dry = _draw(random, 0, 1)
    patches = 0.12 * _noise(side, side, 5, random)
    near = ((y - horizon) / (1 - horizon)).clamp(0, 1)
    grass = _mix(MEADOW, STEPPE, dry) * (1 + 0.22 * texture + patches) * (1.12 - 0.22 * near)
    clouds = 0.8 * torch.sigmoid(5 * _noise(side, side, 4, random) - 0.5)
    sky = _mix(ZENITH, HAZE, (y / horizon).clamp(0, 1))
    sky = sky * (1 - clouds) + _mix(CLOUD, CLOUD, clouds) * clouds
    ridge = horizon - 0.05 - 0.05 * _noise(1, side, 7, random)
    hills = _mix(WOOD, WOOD, dry) * (1 + 0.12 * texture)
    above = torch.sigmoid((ridge - y) * side)  # 1 above the line, 0 below, a pixel wide
    picture = sky * above + hills * (1 - above)
    above = torch.sigmoid((horizon - y) * side)
    return picture * above + grass * (1 - above)


def _grass(side: int, random: Generator) -> Tensor:
    """Return crops ``(CHUNK, 1, side, side)`` of a photo of grass, of mean 0 and deviation 1."""
    photo = torch.from_numpy(np.array(open_picture("grass.png"), dtype=np.float32))
    photo = ((photo - photo.mean()) / photo.std()).expand(CHUNK, 1, -1, -1)
    zoom = _draw(random, 0.35, 0.6)[:, 0]
    corner = torch.cat([_draw(random, -1, 1)[:, 0], _draw(random, -1, 1)[:, 0]], dim=1)
    place = torch.cat([zoom * torch.eye(2), corner * (1 - zoom)], dim=2)
    grid = affine_grid(place, [CHUNK, 1, side, side], align_corners=False)
    return grid_sample(photo, grid, align_corners=False)


def _noise(height: int, width: int, cells: int, random: Generator) -> Tensor:
    """Return smooth noise ``(CHUNK, 1, height, width)``, mostly in [-1, 1]."""
    rows = cells if height > 1 else 1
    knots = 2 * torch.rand(CHUNK, 1, rows, cells, generator=random) - 1
    return interpolate(knots, size=(height, width), mode="bicubic", align_corners=True)


def _draw(random: Generator, low: float, high: float) -> Tensor:
    """Return one even draw for each scene ``(CHUNK, 1, 1, 1)``."""
    return low + (high - low) * torch.rand(CHUNK, 1, 1, 1, generator=random)


def _mix(a: tuple[float, ...], b: tuple[float, ...], amount: Tensor) -> Tensor:
    """Return a colour between ``a`` and ``b`` for each value of ``amount`` ``(..., 1, H, W)``."""
    a, b = torch.tensor(a)[:, None, None], torch.tensor(b)[:, None, None]
    return a * (1 - amount) + b * amount
