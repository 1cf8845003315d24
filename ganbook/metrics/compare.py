"""Two folders of images compared: what ``python -m ganbook.metrics`` prints."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from ganbook.metrics.features import digit_features, vgg_features
from ganbook.metrics.frechet import frechet_from_features
from ganbook.metrics.image_folders import Unreadable, find_images, stream_features
from ganbook.metrics.inception_score import inception_score
from ganbook.metrics.kernel import kernel_distance, squared_mmd
from ganbook.metrics.precision_recall import density_coverage, precision_recall
from ganbook.metrics.resample import bootstrap_together
from ganbook.models.classifier import load_digit_classifier
from ganbook.models.inception import load_inception
from ganbook.models.vgg import load_vgg16
from ganbook.runtime import choose_device

FEATURES = ("inception", "vgg", "digits")
LEAST = 12  # images a folder: its halves must have six, for the five neighbours of density
MANY = 5000  # images; above, intervals come only when asked for, and the kernel takes subsets
SUBSET = 1000  # samples of each of these, as KID is reported

Statistics = Callable[[Tensor, Tensor], tuple[float, ...]]  # of real and fake features


@dataclass(frozen=True)
class Row:
    """One line of the result; ``low`` and ``high`` are None where there is no interval.

    ``at_floor`` is the value from as few images as the floor has: compare those two.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    at_floor: float
    floor: float


def kernel_value(real: Tensor, fake: Tensor) -> float:
    """Return the squared MMD of all samples, or its mean over 100 subsets where they are many."""
    if max(len(real), len(fake)) <= MANY:
        return squared_mmd(real, fake)
    size = min(SUBSET, len(real), len(fake))
    return kernel_distance(real, fake, 100, size, torch.Generator().manual_seed(0)).mean


# What each choice of metrics computes, and of each number its name, least and most.
STATISTICS: dict[str, tuple[Statistics, tuple[tuple[str, float, float], ...]]] = {
    "frechet": (
        lambda real, fake: (frechet_from_features(real, fake),),
        (("Fréchet distance", 0.0, torch.inf),),
    ),
    "kernel": (
        lambda real, fake: (kernel_value(real, fake),),
        (("kernel distance", -torch.inf, torch.inf),),
    ),
    "precision-recall": (
        lambda real, fake: astuple(precision_recall(real, fake)),
        (("precision", 0.0, 1.0), ("recall", 0.0, 1.0)),
    ),
    "density-coverage": (
        lambda real, fake: astuple(density_coverage(real, fake)),
        (("density", 0.0, torch.inf), ("coverage", 0.0, 1.0)),
    ),
}
METRICS = (*STATISTICS, "inception-score")


def compare_folders(
    real: str | Path,
    fake: str | Path,
    features: str = "inception",
    metrics: Sequence[str] = tuple(STATISTICS),
    size: int | None = None,
    batch_size: int = 50,
    workers: int = 0,
    repetitions: int | None = None,
    skip_unreadable: bool = False,
    weights: str | Path | None = None,
    seed: int = 0,
) -> dict:
    """Return measurements, intervals, floors and warnings, as ``--format json`` prints them.

    The floor is one half of the real images against the other. As most measures depend on the
    number of images, each is also taken from one of these halves and as many generated images
    (``at_floor``), to be compared with the floor. The intervals hold 95 %; they come
    from :func:`ganbook.metrics.resample.bootstrap`. The Inception Score takes ten splits from 5,000
    images on, and one below; its floor is the real images' score.

    Args:
        real: folder of real images.
        fake: folder of generated images.
        features: of ``FEATURES``.
        metrics: of ``METRICS``.
        size: see :func:`ganbook.metrics.image_folders.stream_features`; None asks for images of one
            size. The digit classifier reads 32 x 32, gray.
        batch_size: images at a time; the result does not depend on it.
        workers: processes that read files ahead.
        repetitions: behind each interval; 0 for none, None for 100 up to 5,000 images.
        skip_unreadable: leave broken files out instead of stopping.
        weights: a file with Inception-v3's weights instead of the download.
        seed: of the halves and the intervals.

    Raises:
        ValueError, FileNotFoundError: whatever is wrong with folders, images or choices.
        ModuleNotFoundError, RuntimeError: a network's weights are missing.
    """
    _check(features, metrics, size, weights, repetitions)
    size = 32 if features == "digits" else size
    files, skipped = find_images((real, fake), one_size=size is None)
    if skipped and not skip_unreadable:
        raise Unreadable(skipped)
    _check_numbers((real, fake), files)
    extract = _extractor(features, weights)
    found = []
    for title, paths in zip(("real", "fake"), files):
        outputs, broken = stream_features(
            *(paths, extract, size, features == "digits", batch_size, workers),
            skip_unreadable=skip_unreadable,
            title=title,
        )
        found.append(outputs)
        skipped += broken
    _check_numbers((real, fake), [outputs[0] if outputs else () for outputs in found])
    counts = [len(outputs[0]) for outputs in found]
    warnings = _warnings(*counts, found[0][0].shape[1], skipped, metrics)
    if repetitions is None:
        repetitions = 100 if max(counts) <= MANY else 0
        if not repetitions:
            warnings.append("no intervals for so many images unless asked for: --bootstrap 100")
    rows = _rows(*(outputs[0] for outputs in found), metrics, repetitions, seed)
    if "inception-score" in metrics:
        rows.append(_score(*(outputs[1] for outputs in found), features, seed))
    return {
        "real": {"folder": str(real), "images": counts[0]},
        "fake": {"folder": str(fake), "images": counts[1]},
        "features": {"name": features, "dimensions": found[0][0].shape[1]},
        "size": size,
        "seed": seed,
        "repetitions": repetitions,
        "floor_images": counts[0] // 2,
        "skipped": [str(file) for file in skipped],
        "warnings": warnings,
        "metrics": [asdict(row) for row in rows],
    }


def _rows(
    real: Tensor, fake: Tensor, metrics: Sequence[str], repetitions: int, seed: int
) -> list[Row]:
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(real), generator=generator)
    halves = [real[part] for part in order[: len(real) // 2 * 2].chunk(2)]
    few = fake[torch.randperm(len(fake), generator=generator)[: len(real) // 2]]
    chosen = [STATISTICS[name] for name in STATISTICS if name in metrics]
    rows = []
    with tqdm(total=len(chosen) * (3 + repetitions), desc="metrics", unit="value") as bar:
        for statistics, lines in chosen:

            def counted(first: Tensor, second: Tensor, statistics=statistics) -> tuple[float, ...]:
                bar.update()
                return statistics(first, second)

            floors, at_floors = counted(*halves), counted(halves[0], few)
            if repetitions:
                found = bootstrap_together(
                    counted, real, fake, repetitions=repetitions, generator=generator
                )
                values = [
                    (interval.value, max(interval.low, least), min(interval.high, most))
                    for interval, (_, least, most) in zip(found, lines)
                ]
            else:
                values = [(value, None, None) for value in counted(real, fake)]
            names = [name for name, _, _ in lines]
            rows += [
                Row(name, *value, at_floor, floor)
                for name, value, at_floor, floor in zip(names, values, at_floors, floors)
            ]
    return rows


def _score(real: Tensor, fake: Tensor, features: str, seed: int) -> Row:
    name = "Inception Score" if features == "inception" else "classifier score"
    splits = 10 if min(len(real), len(fake)) >= 5000 else 1
    generator = torch.Generator().manual_seed(seed)
    floor, value = (inception_score(logits, splits, generator).mean for logits in (real, fake))
    return Row(name, value, None, None, value, floor)


def _extractor(features: str, weights) -> Callable[[Tensor], tuple[Tensor, ...]]:
    """Return the function from images to features, and to logits where there are any."""
    device = choose_device()
    if features == "inception":
        network = load_inception(weights).to(device)
        return lambda images: network(images.to(device))
    if features == "vgg":
        extract = vgg_features(network=load_vgg16().to(device))
        return lambda images: (extract(images.to(device)),)
    judge = load_digit_classifier()
    extract = digit_features(judge)
    return lambda images: (extract(images), judge(images))


def _check(features: str, metrics: Sequence[str], size, weights, repetitions) -> None:
    if features not in FEATURES:
        raise ValueError(f"features is {features!r}; accepted are {', '.join(FEATURES)}.")
    if unknown := [name for name in metrics if name not in METRICS]:
        raise ValueError(f"metrics has {unknown[0]!r}; accepted are {', '.join(METRICS)}.")
    if "inception-score" in metrics and features == "vgg":
        raise ValueError("inception-score needs a classifier: inception or digits; vgg has none.")
    if features == "digits" and size not in (None, 32):
        raise ValueError(f"The digit classifier reads 32 x 32 pixels; size is {size}.")
    if weights is not None and features != "inception":
        raise ValueError(f"A file of weights belongs to inception, not to {features}.")
    if repetitions is not None and (repetitions < 0 or repetitions == 1):
        raise ValueError(f"repetitions must be 0, or at least 2, got {repetitions}.")


def _check_numbers(folders: Sequence[str | Path], found: Sequence[Sequence]) -> None:
    for folder, items in zip(folders, found):
        if len(items) < LEAST:
            raise ValueError(
                f"{folder} has {len(items)} readable images; at least {LEAST} are needed."
            )


def _warnings(
    real: int, fake: int, dimensions: int, skipped: list[Path], metrics: Sequence[str]
) -> list[str]:
    warnings = []
    if skipped:
        warnings.append(f"{len(skipped)} unreadable left out: {', '.join(map(str, skipped[:5]))}")
    if min(real, fake) <= dimensions and "frechet" in metrics:
        warnings.append(
            f"{real} real and {fake} fake images do not determine covariances in {dimensions} "
            "dimensions, so the Fréchet distance is far too large: compare it with the floor and "
            "at equal numbers only, or take the kernel distance, which has no such bias"
        )
    if real != fake:
        warnings.append(
            f"{real} real and {fake} fake images: most measures depend on both numbers; state them"
        )
    return warnings
