"""Square crops of photographs: few pictures, made many by place, scale, mirror and colour."""

import math
from collections.abc import Sequence

import torch
from torch import Generator, Tensor
from torch.nn.functional import interpolate
from torch.utils.data import Dataset

from ganbook.data.photos import load_photo

# What networks that paint are trained on. Cat, flower and temple are left for judging.
TRAINING_PHOTOS = (
    *("astronaut", "brick", "coffee", "coins", "grass", "gravel", "motorcycle"),
    *("photographer", "rocket"),
)


class PhotoCrops(Dataset):
    """``n`` crops ``(3, size, size)`` float32 in [-1, 1], each decided by its index and the seed.

    A crop's side is drawn between ``size`` and the photo's shorter side, its logarithm evenly; then
    it is shrunk to ``size``. One in two is mirrored. With ``recolour`` one in two has its red,
    green and blue exchanged, at random: the network shall not learn that grass is green.

    Args:
        n: crops.
        size: side in pixels.
        seed: of the draws.
        photos: pictures ``(3, H, W)`` in [-1, 1], no side below ``size``; those of
            ``TRAINING_PHOTOS`` if None.
        recolour: whether colours change.

    Raises:
        ValueError: no photo, or one of another shape or smaller than a crop.
        IndexError: (on reading) an index of ``n`` or more.
        ModuleNotFoundError: a package that ships the photos is missing.
    """

    def __init__(
        self,
        n: int,
        size: int = 128,
        seed: int = 0,
        photos: Sequence[Tensor] | None = None,
        recolour: bool = True,
    ):
        if photos is None:
            photos = [load_photo(name) for name in TRAINING_PHOTOS]
        if not photos:
            raise ValueError("photos is empty.")
        for photo in photos:
            if photo.ndim != 3 or len(photo) != 3 or min(photo.shape[1:]) < size:
                raise ValueError(
                    f"photos must have shape (3, H, W) with sides of at least {size}, got "
                    f"{tuple(photo.shape)}."
                )
        self.n, self.size, self.seed = n, size, seed
        self.photos, self.recolour = photos, recolour

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> Tensor:
        if not 0 <= index < self.n:
            raise IndexError(f"index must lie in [0, {self.n}), got {index}.")
        generator = Generator().manual_seed(self.seed * 1_000_003 + index)
        which, scale, top, left, mirror, other = torch.rand(6, generator=generator).tolist()
        photo = self.photos[int(which * len(self.photos))]
        height, width = photo.shape[1:]
        largest = min(height, width)
        side = round(self.size * math.exp(scale * math.log(largest / self.size)))
        y, x = int(top * (height - side + 1)), int(left * (width - side + 1))
        crop = photo[None, :, y : y + side, x : x + side]
        if side > self.size:
            crop = interpolate(crop, (self.size, self.size), mode="bilinear", antialias=True)
        if mirror < 0.5:
            crop = crop.flip(3)
        if self.recolour and other < 0.5:
            crop = crop[:, torch.randperm(3, generator=generator)]
        return crop[0].clamp(-1, 1)
