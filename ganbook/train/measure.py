"""Measurements during training: the distance of generated images to real ones, at intervals."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from ganbook.metrics.features import (
    FeatureExtractor,
    digit_features,
    inception_features,
    vgg_features,
)
from ganbook.metrics.frechet import frechet_from_features
from ganbook.metrics.kernel import squared_mmd
from ganbook.models.classifier import load_digit_classifier
from ganbook.models.inception import load_inception
from ganbook.models.vgg import load_vgg16
from ganbook.train.processes import Processes
from ganbook.train.recipe import Recipe

FEATURES = ("vgg", "inception", "digits")
LEAST = 12  # images, as in ganbook.metrics
BATCH = 32  # images at a time


class Measure:
    """A callback for ``fit``: Fréchet and kernel distance every ``every`` steps.

    A Fréchet distance is too large where images are few, and the more the fewer. So each is also
    taken from every second image (``frechet_half``), to be compared with ``frechet_floor``: one
    half of the real images against the other, what a perfect generator would reach. The kernel
    distance has no such bias. The same noise or inputs serve every time. With several processes
    each makes its part of the images.

    Args:
        recipe: of the GAN.
        features: of ``FEATURES``; only ``inception`` gives what is called FID and KID.
        number: images, real and generated.
        every: steps between measurements.
        file: gets a line of JSON each time.
        processes: of the run.

    ``rows`` has the measurements of this session.

    Raises:
        ValueError: fewer than 12 images, more than there are, images that the features do not take.
        ModuleNotFoundError, RuntimeError: the features' weights are missing.
    """

    def __init__(
        self,
        recipe: Recipe,
        features: str,
        number: int,
        every: int,
        file: Path,
        processes: Processes,
    ):
        if not LEAST <= number <= recipe.measurable:
            raise ValueError(
                f"--measure-images is {number}; it must lie between {LEAST} and the "
                f"{recipe.measurable} images there are."
            )
        self.recipe, self.name, self.every, self.file = recipe, features, every, file
        self.processes = processes
        self.extract = extractor(features, processes.device)
        places = torch.linspace(0, recipe.measurable - 1, number).long().tolist()
        rank, count = processes.share
        self.places = places[rank::count]
        self.real = self._gathered(recipe.real)
        self.rows: list[dict[str, Any]] = []

    def forget_after(self, step: int) -> None:
        """Drop the file's lines of later steps: a run that was killed resumes before them."""
        if self.file.is_file():
            lines = self.file.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if json.loads(line)["step"] <= step]
            self.file.write_text("".join(line + "\n" for line in kept), encoding="utf-8")

    def __call__(self, state: Any, metrics: dict[str, Tensor]) -> None:
        """Measure, if it is time to; process 0 writes the line."""
        if state.step % self.every:
            return
        fake = self._gathered(lambda places: self.recipe.fake(state, places))
        even = 2 * (len(self.real) // 2)  # every second image: files are often sorted by kind
        half, other = self.real[:even:2], self.real[1:even:2]
        row = {
            "step": state.step,
            "features": self.name,
            "real images": len(self.real),
            "generated images": len(fake),
            "frechet": frechet_from_features(self.real, fake),
            "frechet_half": frechet_from_features(half, fake[:even:2]),
            "frechet_floor": frechet_from_features(half, other),
            "kernel": squared_mmd(self.real, fake),
        }
        self.rows.append(row)
        if self.processes.rank == 0:
            with open(self.file, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            tqdm.write(self.summary())  # above the progress bar, not through it

    def summary(self) -> str:
        """Return the last measurement in words, with the numbers of images behind it."""
        row = self.rows[-1]
        return (
            f"step {row['step']}, {row['features']} features, {row['real images']} real and "
            f"{row['generated images']} generated images: Fréchet distance {row['frechet']:.4g}, "
            f"from half of them {row['frechet_half']:.4g} (two halves of the real images: "
            f"{row['frechet_floor']:.4g}), kernel distance {row['kernel']:.4g}"
        )

    @torch.no_grad()
    def _gathered(self, images_at) -> Tensor:
        """Return the features of images ``(N, D)``; the order is that of the processes' parts."""
        parts = [
            self.extract(images_at(self.places[start : start + BATCH]).to(self.processes.device))
            for start in range(0, len(self.places), BATCH)
        ]
        own = torch.cat(parts).float().cpu()
        return _interleaved(self.processes.gather(own))


def extractor(name: str, device: torch.device) -> FeatureExtractor:
    """Return features by name; gray images are given three equal channels where colour is wanted.

    Raises:
        ValueError: another name.
    """
    if name == "digits":
        return digit_features(load_digit_classifier().to(device))
    if name == "vgg":
        colour = vgg_features(network=load_vgg16().to(device))
    elif name == "inception":
        colour = inception_features(load_inception().to(device))
    else:
        raise ValueError(f"features is {name!r}; accepted are {', '.join(FEATURES)}.")
    return lambda images: colour(images.expand(-1, 3, -1, -1))


def _interleaved(parts: Sequence[Tensor]) -> Tensor:
    """Return rows 0 of all parts, then rows 1, …: the order before they were dealt out."""
    rows = [part[i] for i in range(len(parts[0])) for part in parts if i < len(part)]
    return torch.stack(rows)
