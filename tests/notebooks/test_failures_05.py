"""Each failure of chapter 05's gallery occurs and is noticed; its cure works and stays quiet."""

from pathlib import Path

import pytest
import torch

from ganbook.data.toy import ring_centers
from ganbook.metrics.modes import mode_report
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "05_stable_training.ipynb"
NAMES = [
    "Run",
    "observe",
    "ring_points",
    "small_digits",
    "collapse",
    "saturate",
    "Place",
    "Slope",
    "oscillate",
    "vanish",
    "explode",
    "mixed_step",
    "leak",
    "detached_step",
    "cut_off",
    "memorise",
    "copy_ratio",
]


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, NAMES)


def both(failure, seed, steps, every):
    """The ill and the cured run."""
    return failure(False, seed, steps, every), failure(True, seed, steps, every)


def late(run, name):
    """Median of a measure in the second half of the looks."""
    values = run.diagnosis.measured(name)[1]
    return torch.tensor(values[len(values) // 2 :]).median().item()


def travel(run):
    centers = torch.stack([look.center for look in run.diagnosis.looks])
    return (centers[1:] - centers[:-1]).norm(dim=1)[len(centers) // 2 :].mean().item()


@pytest.mark.parametrize("seed", [0, 1])
def test_mode_collapse(chapter, seed):
    ill, cured = both(chapter.collapse, seed, 260, 20)
    assert "mode collapse" in ill.diagnosis.names
    assert cured.diagnosis.names == []
    assert late(ill, "missing") > 0.4 > 0.2 > late(cured, "missing")
    reports = [mode_report(run.state.sample(1000), ring_centers(), 0.05) for run in (ill, cured)]
    assert reports[0].covered < reports[1].covered


def test_saturated_discriminator(chapter):
    ill, cured = both(chapter.saturate, 0, 100, 8)
    assert "saturated discriminator" in ill.diagnosis.names
    assert "saturated discriminator" not in cured.diagnosis.names
    assert late(ill, "certainty") > 0.99 > 0.97 > late(cured, "certainty")


@pytest.mark.parametrize("seed", [0, 1])
def test_oscillation(chapter, seed):
    ill, cured = both(chapter.oscillate, seed, 300, 10)
    assert "oscillation" in ill.diagnosis.names
    assert "oscillation" not in cured.diagnosis.names
    assert travel(ill) > 10 * travel(cured)
    far = [abs(torch.tensor(run.state.history["theta"][-100:])).max() for run in (ill, cured)]
    assert far[0] > 0.2 > 0.1 > far[1]


@pytest.mark.parametrize("seed", [0, 1])
def test_vanishing_gradient(chapter, seed):
    ill, cured = both(chapter.vanish, seed, 240, 20)
    assert "vanishing gradient" in ill.diagnosis.names
    assert "vanishing gradient" not in cured.diagnosis.names
    assert late(ill, "passed_on") < 0.005 < 0.1 < late(cured, "passed_on")
    means = [run.state.sample(500).mean(0)[0] for run in (ill, cured)]
    assert means[0] < 2 < 4 < means[1]  # the island is at 6


@pytest.mark.parametrize("seed", [0, 1])
def test_exploding_critic(chapter, seed):
    ill, cured = both(chapter.explode, seed, 90, 9)
    assert "exploding critic" in ill.diagnosis.names
    assert "exploding critic" not in cured.diagnosis.names
    assert late(ill, "scale") > 100 > 10 > late(cured, "scale")


def test_batch_norm_leak(chapter):
    ill, cured = both(chapter.leak, 0, 80, 8)
    assert "batch norm leak" in ill.diagnosis.names
    assert "batch norm leak" not in cured.diagnosis.names
    assert late(ill, "company") > 0.4 > 0.1 > late(cured, "company")


def test_detached_fakes(chapter):
    ill, cured = both(chapter.cut_off, 0, 40, 5)
    assert "generator stands still" in ill.diagnosis.names
    assert cured.diagnosis.names.count("generator stands still") == 0
    assert late(ill, "moved") == 0 < 0.001 < late(cured, "moved")


def test_memorisation(chapter):
    ill, cured = both(chapter.memorise, 0, 440, 20)
    assert "memorisation" in ill.diagnosis.names
    assert "memorisation" not in cured.diagnosis.names
    assert late(ill, "by_heart") > 0.3 > 0.15 > late(cured, "by_heart")
    digits = chapter.small_digits("train")
    near = [chapter.copy_ratio(run, data) for run, data in ((ill, digits[:32]), (cured, digits))]
    assert near[0] < 1.1 < near[1]
