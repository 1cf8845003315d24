"""ganbook.train.measure: what is measured, from how many images, and that nothing else changes."""

import json
from types import SimpleNamespace

import pytest
import torch

from ganbook.metrics.frechet import frechet_from_features
from ganbook.metrics.kernel import squared_mmd
from ganbook.train import measure as module
from ganbook.train.measure import Measure, extractor
from ganbook.train.processes import Processes

IMAGES = torch.rand(21, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
FAKES = IMAGES.flip(0) * 0.5


@pytest.fixture
def recipe():
    return SimpleNamespace(
        real=lambda places: IMAGES[list(places)],
        fake=lambda state, places: FAKES[list(places)],
        measurable=21,
    )


@pytest.fixture(autouse=True)
def mean_colours(monkeypatch):
    monkeypatch.setattr(module, "extractor", lambda name, device: features)


def features(images):
    return images.mean(dim=(2, 3))


def at(step):
    return SimpleNamespace(step=step)


def test_a_row_has_the_distances_and_the_numbers(recipe, tmp_path, capsys):
    measure = Measure(recipe, "vgg", 21, 5, tmp_path / "m.jsonl", Processes())
    before = torch.get_rng_state()
    for step in (4, 5, 6, 10):
        measure(at(step), {})
    assert torch.equal(torch.get_rng_state(), before)
    rows = [json.loads(line) for line in (tmp_path / "m.jsonl").read_text().splitlines()]
    assert rows == measure.rows and [row["step"] for row in rows] == [5, 10]
    real, fake = features(IMAGES), features(FAKES)
    row = rows[0]
    assert (row["features"], row["real images"], row["generated images"]) == ("vgg", 21, 21)
    assert row["frechet"] == pytest.approx(frechet_from_features(real, fake))
    assert row["kernel"] == pytest.approx(squared_mmd(real, fake))
    half = frechet_from_features(real[0:20:2], fake[0:20:2])
    assert row["frechet_half"] == pytest.approx(half)
    floor = frechet_from_features(real[0:20:2], real[1:20:2])
    assert row["frechet_floor"] == pytest.approx(floor)
    text = measure.summary()
    assert text.startswith("step 10, vgg features, 21 real and 21 generated images: Fréchet dist")
    printed = capsys.readouterr().out.splitlines()  # each as it is made, also if the run is stopped
    assert len(printed) == 2 and printed[0].startswith("step 5, ") and printed[1] == text


def test_fewer_images_are_spread_over_the_data(recipe, tmp_path):
    measure = Measure(recipe, "vgg", 12, 1, tmp_path / "m.jsonl", Processes())
    assert len(measure.places) == 12 and measure.places[0] == 0 and measure.places[-1] == 20


def test_several_processes_share_the_images(recipe, tmp_path):
    whole = Measure(recipe, "vgg", 21, 1, tmp_path / "a.jsonl", Processes())
    parts = [features(IMAGES[rank::2]) for rank in (0, 1)]
    together = SimpleNamespace(
        share=(1, 2), rank=1, device=torch.device("cpu"), gather=lambda own: parts
    )
    other = Measure(recipe, "vgg", 21, 1, tmp_path / "b.jsonl", together)
    assert other.places == whole.places[1::2]
    torch.testing.assert_close(other.real, whole.real, rtol=0, atol=0)
    other(at(1), {})
    assert not (tmp_path / "b.jsonl").exists()  # process 0 writes it


def test_a_resume_forgets_what_comes_after_it(recipe, tmp_path):
    measure = Measure(recipe, "vgg", 21, 5, tmp_path / "m.jsonl", Processes())
    measure.forget_after(5)  # no file yet
    for step in (5, 10, 15):
        measure(at(step), {})
    measure.forget_after(10)
    lines = (tmp_path / "m.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [5, 10]


@pytest.mark.parametrize("number", [11, 22])
def test_too_few_or_too_many(recipe, tmp_path, number):
    pattern = rf"--measure-images is {number}; it must lie between 12 and the 21 images there are"
    with pytest.raises(ValueError, match=pattern):
        Measure(recipe, "vgg", number, 1, tmp_path / "m.jsonl", Processes())


def test_the_features_by_name():
    cpu = torch.device("cpu")
    gray = IMAGES[:2, :1]
    assert extractor("vgg", cpu)(gray).shape == (2, 256)
    assert extractor("digits", cpu)(torch.zeros(2, 1, 32, 32)).shape == (2, 64)
    with pytest.raises(ValueError, match="must have 1 channels, got 3"):
        extractor("digits", cpu)(torch.zeros(2, 3, 32, 32))
    with pytest.raises(ValueError, match="features is 'fid'; accepted are vgg, inception, digits"):
        extractor("fid", cpu)
