"""One brain in two MR contrasts, T1 (real) and T2 (simulated), with or without simulated lesions.

The T1 slices are those of the MNI template (:mod:`ganbook.data.brain`). The T2 image is *computed*
from the template's tissue maps by the signal equation of a spin echo, and so are the lesions in
both contrasts. Every picture is bent at random, so that no two "people" look alike. It is a model
to measure translation against a known truth; it is no medical data, and says nothing on patients.
"""

from dataclasses import dataclass
from functools import cache
from math import exp

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate, max_pool2d
from torch.utils.data import TensorDataset

from ganbook.data.brain import SIDE, TISSUES, load_maps, slice_numbers

DOMAINS = ("a", "b", "test")
SLAB = 6  # neighbouring slices that go to the same domain
LESIONS = 3  # in a picture that has any


@dataclass(frozen=True)
class Tissue:
    """Constants of a tissue at 1.5 T: proton density (water is 1), T1 and T2 in milliseconds."""

    density: float
    t1: float
    t2: float


# The constants of BrainWeb's simulator (Kwan, Evans & Pike 1999; Cocosco et al. 1997). The lesion
# is its lesion of multiple sclerosis, but with a T1 of 1000, not 752: old ones are darker in T1.
FLUID = Tissue(1.0, 2569, 329)
GREY = Tissue(0.86, 833, 83)
WHITE = Tissue(0.77, 500, 70)
LESION = Tissue(0.76, 1000, 237)

T1_WEIGHTED = {"repetition": 600.0, "echo": 15.0}  # milliseconds
T2_WEIGHTED = {"repetition": 3000.0, "echo": 100.0}


def spin_echo(tissue: Tissue, repetition: float, echo: float) -> float:
    r"""Return the signal of a tissue, as a share of that of water at once and fully recovered.

    .. math:: S = PD \\, (1 - e^{-TR/T_1}) \\, e^{-TE/T_2}

    with the repetition time TR and the echo time TE in milliseconds (TE much shorter than TR).

    Raises:
        ValueError: a time is not positive.
    """
    if repetition <= 0 or echo <= 0:
        raise ValueError(f"repetition and echo must be positive, got {repetition} and {echo}.")
    return tissue.density * (1 - exp(-repetition / tissue.t1)) * exp(-echo / tissue.t2)


def t2_value(tissue: Tissue) -> float:
    """Return how bright a tissue is in the simulated T2 image, in [-1, 1]; fluid is 1."""
    return 2 * spin_echo(tissue, **T2_WEIGHTED) / spin_echo(FLUID, **T2_WEIGHTED) - 1


def lesion_in_t1() -> float:
    """Return where a lesion lies in the T1 image, if grey matter is at 0 and white matter at 1."""
    lesion, grey, white = (spin_echo(tissue, **T1_WEIGHTED) for tissue in (LESION, GREY, WHITE))
    return (lesion - grey) / (white - grey)


def load_contrasts(
    domain: str = "a", n: int = 200, size: int = 64, lesion_share: float = 0.0, seed: int = 0
) -> TensorDataset:
    """Return ``n`` pictures in both contrasts, with what is in them.

    Each item is T1 ``(1, size, size)`` and T2 of the same shape, float32 in [-1, 1], the tissue
    labels ``(size, size)`` int64 *without* lesions (see ``brain.TISSUES``), and one map in [0, 1]
    for each possible lesion, ``(3, size, size)``, 0 everywhere in a healthy picture.

    Domains ``a`` and ``b`` have different slices of the training split, six neighbouring ones at a
    time in turn, so they show the same levels and never the same slice; ``test`` has the held-out
    slab. To train without pairs take T1 from ``a`` and T2 from ``b``; the rest is hidden truth.

    A picture is a slice that is turned, scaled and bent smoothly, at random. A lesion is an ellipse
    of 4 to 9 mm half-axes with a soft edge, deep in white matter: in T2 almost as bright as fluid,
    in T1 darker than grey, both as the spin echo's equation gives it.

    Args:
        domain: ``a``, ``b`` or ``test``.
        n: how many pictures.
        size: side in pixels, 32 to 192.
        lesion_share: share of the pictures that have three lesions, the last ones; rounded.
        seed: of the shapes and lesions; a domain and a seed give the same pictures always.

    Raises:
        ValueError: another domain, or a number out of range.
        ModuleNotFoundError: the package nilearn is missing.
    """
    if domain not in DOMAINS:
        raise ValueError(f"domain is {domain!r}; accepted are {', '.join(DOMAINS)}.")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}.")
    if not 32 <= size <= SIDE:
        raise ValueError(f"size must lie between 32 and {SIDE}, got {size}.")
    if not 0 <= lesion_share <= 1:
        raise ValueError(f"lesion_share must lie in [0, 1], got {lesion_share}.")
    generator = torch.Generator().manual_seed(10 * seed + DOMAINS.index(domain))
    fine = min(2 * size, SIDE)  # bent at this size, then averaged down
    maps = load_maps("test" if domain == "test" else "train", fine)[_places(domain)]
    maps = maps[torch.arange(n) % len(maps)]
    maps = bend(maps, generator)
    maps = interpolate(maps, size=(size, size), mode="bilinear", antialias=True)
    t1, tissues = maps[:, :1], maps[:, 1:]
    brightness = torch.tensor([-1.0, *map(t2_value, (FLUID, GREY, WHITE))])
    t2 = -1 + (tissues * (brightness + 1).view(1, -1, 1, 1)).sum(dim=1, keepdim=True)

    lesions = torch.zeros(n, LESIONS, size, size)
    ill = torch.arange(n) >= n - round(n * lesion_share)
    lesions[ill] = _draw_lesions(tissues[ill, TISSUES.index("white matter")], generator)
    for lesion in lesions.split(1, dim=1):
        t1 = t1 + lesion * (_lesion_brightness() - t1)
        t2 = t2 + lesion * (t2_value(LESION) - t2)
    return TensorDataset((2 * t1 - 1).clamp(-1, 1), t2.clamp(-1, 1), tissues.argmax(dim=1), lesions)


def bend(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return images ``(N, C, H, W)`` turned, scaled and bent, each in its own way; 0 comes in.

    Turns have a standard deviation of 4 degrees, scales of 5 % along each axis, and the smooth
    displacement of 2 % of the side, with 5 x 5 knots. All channels of an image move together.
    """
    n, _, height, width = images.shape
    angle = torch.randn(n, generator=generator) * 0.07  # radians
    scale = 1.08 + 0.05 * torch.randn(n, 2, generator=generator).clamp(-2, 2)
    turn = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], dim=1).view(n, 2, 2)
    matrix = torch.cat([turn * scale[:, None], torch.zeros(n, 2, 1)], dim=2)
    grid = affine_grid(matrix, [n, 1, height, width], align_corners=False)  # (N, H, W, 2)
    knots = 0.04 * torch.randn(n, 2, 5, 5, generator=generator).clamp(-2, 2)  # of half a side
    shift = interpolate(knots, size=(height, width), mode="bicubic", align_corners=False)
    return grid_sample(images, grid + shift.permute(0, 2, 3, 1), align_corners=False).clamp(0, 1)


def deep_white_matter(labels: Tensor, margin: int = 1) -> Tensor:
    """Return where white matter has only white matter within ``margin`` pixels: ``(N, 1, H, W)``.

    A bool mask, from labels ``(N, H, W)``; the picture's border counts as white matter.
    """
    other = (labels != TISSUES.index("white matter")).float().unsqueeze(1)
    return max_pool2d(other, 2 * margin + 1, 1, margin) == 0


def _places(domain: str) -> list[int]:
    """Return the positions of a domain's slices in their split; the lowest and highest left out."""
    if domain == "test":
        return list(range(len(slice_numbers("test"))))
    usable = [i for i, z in enumerate(slice_numbers("train")) if 48 <= z < 126]
    return [i for k, i in enumerate(usable) if k // SLAB % 2 == DOMAINS.index(domain)]


@cache
def _lesion_brightness() -> float:
    """Return a lesion's value in the T1 image, in [0, 1], from the two tissues' averages."""
    maps = load_maps("train", SIDE)
    t1, grey, white = maps[:, 0], maps[:, 3], maps[:, 4]
    mean_grey, mean_white = (t1[pure > 0.95].mean().item() for pure in (grey, white))
    return mean_grey + lesion_in_t1() * (mean_white - mean_grey)


def _draw_lesions(white: Tensor, generator: torch.Generator) -> Tensor:
    """Return maps ``(N, 3, H, W)`` of lesions, in places where ``white`` ``(N, H, W)`` is sure."""
    n, height, width = white.shape
    pixel = SIDE / width  # mm
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    near = 2 * round(6 / pixel) + 1
    room = -max_pool2d(-white.unsqueeze(1), near, 1, near // 2)[:, 0]  # the least within 6 mm
    lesions = torch.zeros(n, LESIONS, height, width)
    for picture in range(n):
        free = room[picture].clone()
        for k in range(LESIONS):
            # the surest quarter of a hundred places is enough to choose from
            best = free.flatten().topk(max(1, round(1500 / pixel**2))).indices
            place = best[torch.randint(len(best), (), generator=generator)].item()
            top, left = divmod(place, width)
            half = 4 + 5 * torch.rand(2, generator=generator)  # mm
            angle = 3.1416 * torch.rand((), generator=generator)
            down, right = (rows - top) * pixel, (columns - left) * pixel
            along, across = (
                down * angle.cos() + right * angle.sin(),
                right * angle.cos() - down * angle.sin(),
            )
            distance = ((along / half[0]) ** 2 + (across / half[1]) ** 2).sqrt()
            lesions[picture, k] = torch.sigmoid((1 - distance) * half.mean() / 0.8)
            free[down**2 + right**2 < 24**2] = -1  # the next one lies elsewhere
    lesions = lesions * white.unsqueeze(1).clamp(0, 1)  # stays in white matter
    return torch.where(lesions > 0.01, lesions, 0)
