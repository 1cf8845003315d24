"""One real silhouette of a horse in two coats: bay, or with the stripes of a zebra."""

import math
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor
from torch.nn.functional import avg_pool2d

SIDE = 400  # of the canvas, in pixels; the animal looks to the right and fills its width
Line = list[tuple[int, int]]
# Along these lines the stripes are counted. The spine runs from the nose over the back into a hind
# leg; the others branch off it: the second hind leg, the two front legs, the tail.
SPINE: Line = [
    *((392, 134), (335, 74), (290, 141), (245, 176), (125, 174)),
    *((88, 201), (72, 241), (56, 286), (60, 348)),
]
BRANCHES: list[Line] = [
    [(105, 196), (97, 241), (112, 291), (124, 341)],
    [(262, 201), (262, 256), (255, 344)],
    [(285, 201), (278, 256), (280, 344)],
    [(60, 134), (32, 146), (26, 196), (32, 286)],
]
MANE: Line = [(240, 126), (262, 98), (285, 76), (310, 63), (350, 53)]
PERIOD = 34.0  # of a stripe and its gap, in pixels of the canvas: about 5 of 64
BROWN, WHITE, BLACK = (0.64, 0.40, 0.23), (0.97, 0.95, 0.90), (0.10, 0.08, 0.08)


@cache
def load_coats() -> tuple[Tensor, Tensor]:
    """Return horse and zebra ``(2, 3, 400, 400)`` in [0, 1] and their mask ``(1, 400, 400)``.

    The mask is 1 on the animal and 0 around it; colours outside the mask have no meaning. Both
    coats are fixed functions of the place on the body, so that posing them in the same way gives
    the one zebra that belongs to a horse.

    Raises:
        ModuleNotFoundError: scikit-image, which ships the silhouette, is missing.
    """
    mask = _silhouette()
    y, x = _places()
    shade = _shade(mask)
    muzzle = torch.sigmoid((x + 0.8 * (y - 96) - 392) / 5) * (y < 176)
    eye = torch.sigmoid(6 - torch.hypot(x - 351, y - 81))
    # A bay horse: brown, with mane, tail and the lower legs black.
    mane = (_along(MANE, x, y)[0] < 15).float()
    tail = ((x < 49) & (y > 128)).float()
    lower_legs = 0.85 * torch.sigmoid((y - 272) / 12)
    dark = _blur(torch.stack([mane, tail, lower_legs, 0.6 * muzzle, eye]).amax(0), 2)
    gravel = torch.from_numpy(np.array(open_picture("gravel.png"))[:SIDE, :SIDE]) / 255
    patches = 1 + 0.5 * (_blur(gravel, 3) - gravel.mean())  # a coat is never of one colour
    horse = _mix(BROWN, BLACK, dark) * shade * patches
    # A zebra: stripes everywhere, muzzle and hooves black.
    hooves = torch.sigmoid((y - 328) / 3)
    dark = torch.stack([stripes(mask), muzzle, hooves, eye]).amax(0)
    zebra = _mix(WHITE, BLACK, dark) * (0.45 + 0.55 * shade)
    return torch.stack([horse, zebra]).clamp(0, 1), mask[None]


def stripes(mask: Tensor) -> Tensor:
    """Return the darkness ``(400, 400)`` in [0, 1] of stripes that follow the body of ``mask``.

    A stripe stands across the spine or limb it is on. The phase of a pixel is the way walked along
    these lines to the nearest point; where lines meet, their phases are averaged with weights that
    fall with the distance, then smoothed within the mask, which bends the stripes around the
    haunches as on a real zebra.
    """
    y, x = _places()
    distance, way = _along(SPINE, x, y)
    distances, ways = [distance], [way]
    for line in BRANCHES:
        column, row = line[0]
        distance, further = _along(line, x, y)
        distances.append(distance)
        ways.append(way[row, column] + further)
    nearness = torch.softmax(-torch.stack(distances) / 6, dim=0)
    phase = (nearness * torch.stack(ways)).sum(0)
    for _ in range(3):
        total, weight = avg_pool2d(torch.stack([phase * mask, mask]), 21, stride=1, padding=10)
        phase = total / weight.clamp(min=1e-6)
    wobble = 0.5 * torch.sin((y - 36) / 22) + 0.4 * torch.sin(x / 31)
    return torch.sigmoid(8 * (torch.cos(2 * math.pi * phase / PERIOD + wobble) - 0.05))


def _silhouette() -> Tensor:
    """Return scikit-image's horse, 400 x 328 black on white, as a mask ``(SIDE, SIDE)``."""
    canvas = Image.new("L", (SIDE, SIDE), 255)
    canvas.paste(open_picture("horse.png"), (0, 36))
    return 1 - torch.from_numpy(np.array(canvas)) / 255


def _shade(mask: Tensor) -> Tensor:
    """Return the brightness of a rounded body in light from above, about 0.4 to 1.3.

    The blurred mask serves as the body's thickness: where it grows downwards, the surface looks up.
    """
    slope = torch.gradient(_blur(mask, 30), dim=0)[0]
    return (0.8 + 27 * slope).clamp(0.42, 1.2) * (0.72 + 0.36 * _blur(mask, 14))


def _along(line: Line, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return each pixel's distance to a line and the way walked along it to the nearest point."""
    distance, way = torch.full_like(x, math.inf), torch.zeros_like(x)
    walked = 0.0
    for (x0, y0), (x1, y1) in pairwise(line):
        length = math.hypot(x1 - x0, y1 - y0)
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        on_segment = ((x - x0) * dx + (y - y0) * dy).clamp(0, length)
        here = torch.hypot(x - x0 - on_segment * dx, y - y0 - on_segment * dy)
        way = torch.where(here < distance, walked + on_segment, way)
        distance = torch.minimum(distance, here)
        walked += length
    return distance, way


def _places() -> tuple[Tensor, Tensor]:
    """Return the rows and the columns ``(SIDE, SIDE)`` of the canvas."""
    return torch.meshgrid(torch.arange(float(SIDE)), torch.arange(float(SIDE)), indexing="ij")


def _mix(light: tuple[float, ...], dark: tuple[float, ...], amount: Tensor) -> Tensor:
    light, dark = torch.tensor(light)[:, None, None], torch.tensor(dark)[:, None, None]
    return light * (1 - amount) + dark * amount


def _blur(values: Tensor, radius: float) -> Tensor:
    """Return values in [0, 1] blurred by a Gaussian."""
    picture = Image.fromarray((values * 255).round().to(torch.uint8).numpy())
    return torch.from_numpy(np.array(picture.filter(ImageFilter.GaussianBlur(radius)))) / 255


def open_picture(name: str) -> Image.Image:
    """Return one of scikit-image's pictures in gray, by its file name."""
    package = find_spec("skimage")
    if package is None:
        raise ModuleNotFoundError("Horses need scikit-image. Run: pip install 'ganbook[samples]'")
    return Image.open(Path(package.origin).parent / "data" / name).convert("L")
