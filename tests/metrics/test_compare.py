"""ganbook.metrics.compare: folders against the functions by hand and against torch-fidelity."""

import math

import numpy as np
import pytest
import torch
import torch_fidelity
from PIL import Image

from ganbook.data.digits import load_digits
from ganbook.data.transforms import to_uint8
from ganbook.metrics import compare
from ganbook.metrics.compare import METRICS, compare_folders
from ganbook.metrics.features import digit_features, extract_features
from ganbook.metrics.frechet import frechet_from_features
from ganbook.metrics.inception_score import inception_score
from ganbook.metrics.kernel import kernel_distance, squared_mmd
from ganbook.metrics.precision_recall import density_coverage, precision_recall
from ganbook.models.classifier import load_digit_classifier
from tests.models.inception_weights import save_random_weights


@pytest.fixture(scope="module")
def digits():
    images = load_digits("test").tensors[0]
    return images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))]


def save(images, folder):
    folder.mkdir(parents=True)
    for i, image in enumerate(to_uint8(images)):
        pixels = image.permute(1, 2, 0).numpy()
        Image.fromarray(pixels[..., 0] if len(image) == 1 else pixels).save(folder / f"{i:03}.png")
    return folder


@pytest.fixture(scope="module")
def folders(digits, tmp_path_factory):
    root = tmp_path_factory.mktemp("digits")
    return save(digits[:120], root / "real"), save(-digits[120:200], root / "fake")


def values(report, column="value"):
    return {row["name"]: row[column] for row in report["metrics"]}


def test_every_number_equals_its_functions(folders, digits):
    report = compare_folders(*folders, "digits", METRICS, repetitions=0)
    real, fake = digits[:120], -digits[120:200]
    x, y = (extract_features(images, digit_features()) for images in (real, fake))
    expected = {
        "Fréchet distance": frechet_from_features(x, y),
        "kernel distance": squared_mmd(x, y),
        "precision": precision_recall(x, y).precision,
        "recall": precision_recall(x, y).recall,
        "density": density_coverage(x, y).density,
        "coverage": density_coverage(x, y).coverage,
        "classifier score": inception_score(load_digit_classifier()(fake), 1).mean,
    }
    found = values(report)
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-5), name
    floors = values(report, "floor")
    assert floors["classifier score"] == pytest.approx(
        inception_score(load_digit_classifier()(real), 1).mean, rel=1e-5
    )
    assert found["Fréchet distance"] > 5 * floors["Fréchet distance"]  # the fakes are negatives
    assert values(report, "low")["precision"] is None
    assert report["real"]["images"] == 120 and report["fake"]["images"] == 80
    assert (report["features"]["dimensions"], report["size"], report["floor_images"]) == (
        64,
        32,
        60,
    )
    assert report["warnings"] == [
        "120 real and 80 fake images: most measures depend on both numbers; state them"
    ]


def test_intervals_stand_around_the_value_and_shares_stay_shares(folders):
    report = compare_folders(*folders, "digits", repetitions=20, batch_size=17)
    again = compare_folders(*folders, "digits", repetitions=20, batch_size=50)
    for row, other in zip(report["metrics"], again["metrics"]):
        assert row["low"] <= row["value"] <= row["high"], row
        assert row["low"] < row["high"] or row["value"] in (0, 1)
        for column in ("value", "low", "high", "floor"):  # neither batches nor a rerun matter
            assert other[column] == pytest.approx(row[column], rel=1e-4, abs=1e-6), row
        if row["name"] in ("precision", "recall", "coverage"):
            assert row["low"] >= 0 and row["high"] <= 1
    assert report["repetitions"] == 20


def test_the_floors_are_halves_drawn_by_the_seed(folders):
    floors = [
        values(compare_folders(*folders, "digits", ["frechet"], repetitions=0, seed=seed), "floor")[
            "Fréchet distance"
        ]
        for seed in (0, 0, 1)
    ]
    assert floors[0] == floors[1] != floors[2]


def test_the_floor_stands_beside_a_value_of_as_many_images(digits, tmp_path):
    """Real against real: the bias of few images is in the floor and must be in its neighbour."""
    ones, others = save(digits[:300], tmp_path / "a"), save(digits[300:600], tmp_path / "b")
    report = compare_folders(ones, others, "digits", ["frechet"], repetitions=0)
    (row,) = report["metrics"]
    assert row["value"] < 0.75 * row["floor"]  # of 300 images, the floor of 150
    assert 0.7 * row["floor"] < row["at_floor"] < 1.4 * row["floor"]


def test_equal_to_torch_fidelity_from_file_to_number(tmp_path):
    """Inception-v3 with random weights, so that the way to the real ones cannot rot."""
    weights = save_random_weights(tmp_path / "inception.pth")
    rng = np.random.default_rng(0)
    for name, shift in (("real", 0), ("fake", 60)):
        (tmp_path / name).mkdir()
        for i in range(12):
            patches = np.kron(rng.integers(0, 195, (4, 4, 3)), np.ones((6, 7, 1)))
            pixels = (patches + shift * rng.random()).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{i:02}.png")
    report = compare_folders(
        tmp_path / "real", tmp_path / "fake", metrics=METRICS, weights=weights, repetitions=0
    )
    peer = torch_fidelity.calculate_metrics(
        input1=str(tmp_path / "fake"),
        input2=str(tmp_path / "real"),
        feature_extractor="inception-v3-compat",
        feature_extractor_weights_path=str(weights),
        **{"fid": True, "kid": True, "isc": True, "prc": True},
        **{"kid_subset_size": 12, "kid_subsets": 1, "isc_splits": 1, "samples_shuffle": False},
        **{"batch_size": 12, "cuda": False, "cache": False, "verbose": False},
        save_cpu_ram=True,  # no worker processes
    )
    found = values(report)
    # With 12 samples in 2048 dimensions torch-fidelity's matrix root is off by some millionths.
    assert found["Fréchet distance"] == pytest.approx(peer["frechet_inception_distance"], rel=2e-5)
    kid, score = peer["kernel_inception_distance_mean"], peer["inception_score_mean"]
    assert found["kernel distance"] == pytest.approx(kid, abs=1e-6)
    assert found["Inception Score"] == pytest.approx(score, rel=1e-6) and score > 1.01
    assert found["precision"] == pytest.approx(peer["precision"], abs=1e-6)
    assert found["recall"] == pytest.approx(peer["recall"], abs=1e-6)
    assert report["features"]["dimensions"] == 2048 and report["size"] is None
    assert "do not determine covariances in 2048 dimensions" in report["warnings"][0]


def test_vgg_on_colour(tmp_path):
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(36, 3, 16, 16, generator=generator) * 2 - 1
    real, fake = save(images[:24], tmp_path / "real"), save(images[24:] * 0.3, tmp_path / "fake")
    report = compare_folders(real, fake, "vgg", ["frechet", "kernel"], repetitions=0)
    assert report["features"] == {"name": "vgg", "dimensions": 256}
    for name, value in values(report).items():
        assert value > 3 * abs(values(report, "floor")[name])


def test_broken_files_stop_it_or_are_counted(digits, tmp_path):
    real, fake = save(digits[:20], tmp_path / "real"), save(digits[20:40], tmp_path / "fake")
    (real / "text.png").write_text("not an image")
    with pytest.raises(ValueError, match=r"1 file cannot be read as an image: .*text\.png"):
        compare_folders(real, fake, "digits", repetitions=0)
    whole = (fake / "000.png").read_bytes()
    (fake / "half.png").write_bytes(whole[: len(whole) // 2])
    report = compare_folders(real, fake, "digits", repetitions=0, skip_unreadable=True)
    assert report["skipped"] == [str(real / "text.png"), str(fake / "half.png")]
    assert report["warnings"][0].startswith("2 unreadable left out: ")
    assert report["real"]["images"] == report["fake"]["images"] == 20


def test_too_few_images(digits, tmp_path):
    real, fake = save(digits[:12], tmp_path / "real"), save(digits[12:23], tmp_path / "fake")
    with pytest.raises(ValueError, match=r"fake has 11 readable images; at least 12 are needed"):
        compare_folders(real, fake, "digits")
    save(digits[23:24], tmp_path / "more")
    (tmp_path / "more" / "000.png").rename(fake / "more.png")
    report = compare_folders(real, fake, "digits", METRICS, repetitions=5)  # the least there can be
    assert all(math.isfinite(row[c]) for row in report["metrics"] for c in ("value", "floor"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"features": "clip"}, "features is 'clip'; accepted are inception, vgg, digits"),
        ({"metrics": ["fid"]}, "metrics has 'fid'; accepted are frechet, kernel"),
        ({"features": "vgg", "metrics": ["inception-score"]}, "needs a classifier"),
        ({"features": "digits", "size": 64}, "reads 32 x 32 pixels; size is 64"),
        ({"features": "vgg", "weights": "x.pth"}, "belongs to inception, not to vgg"),
        ({"repetitions": 1}, "repetitions must be 0, or at least 2, got 1"),
    ],
)
def test_choices_that_make_no_sense(folders, options, message):
    with pytest.raises(ValueError, match=message):
        compare_folders(*folders, **options)


def test_many_images_have_subsets_and_intervals_only_on_request(folders, digits, monkeypatch):
    monkeypatch.setattr(compare, "MANY", 100)
    monkeypatch.setattr(compare, "SUBSET", 60)
    report = compare_folders(*folders, "digits", ["kernel"])
    assert report["repetitions"] == 0 and report["metrics"][0]["low"] is None
    assert report["warnings"][-1].startswith("no intervals for so many images unless asked for")
    x, y = (extract_features(i, digit_features()) for i in (digits[:120], -digits[120:200]))
    subsets = kernel_distance(x, y, 100, 60, torch.Generator().manual_seed(0))
    assert values(report)["kernel distance"] == pytest.approx(subsets.mean, rel=1e-5)
    assert subsets.mean == pytest.approx(squared_mmd(x, y), rel=0.1)
    asked = compare_folders(*folders, "digits", ["frechet"], repetitions=3)
    assert asked["repetitions"] == 3 and asked["metrics"][0]["low"] is not None
