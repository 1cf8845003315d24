"""ganbook.training.diagnostics: quiet on a healthy run, and plain about a sick one."""

import dataclasses

import pytest
import torch
from torch.utils.data import TensorDataset

from ganbook.data.stream import BatchStream
from ganbook.data.toy import ring_centers, sample_mixture
from ganbook.gans import vanilla
from ganbook.runtime import seed_everything
from ganbook.training.diagnostics import SYMPTOMS, Diagnostics
from ganbook.training.fit import fit

POINTS = sample_mixture(ring_centers(), 4000, 0.05, torch.Generator().manual_seed(9))
HELD_OUT = sample_mixture(ring_centers(), 512, 0.05, torch.Generator().manual_seed(8))
HEALTHY = vanilla.Config(sample_shape=(2,), latent_dim=2, hidden=128, learning_rate=3e-3)


def train(config, steps, diagnosis, seed=0):
    seed_everything(seed)
    state = vanilla.build(config)
    return fit(state, vanilla.step, BatchStream(TensorDataset(POINTS), 128), steps, [diagnosis])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_healthy_run_gives_no_warning(seed, capsys):
    diagnosis = Diagnostics(POINTS[:512], HELD_OUT, every=25)
    train(HEALTHY, 400, diagnosis, seed)
    assert diagnosis.warnings == []
    assert capsys.readouterr().out == ""
    assert [look.step for look in diagnosis.looks] == list(range(25, 401, 25))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_same_run_with_much_momentum_gives_one(seed, capsys):
    diagnosis = Diagnostics(POINTS[:512], every=25)
    train(dataclasses.replace(HEALTHY, beta1=0.9), 300, diagnosis, seed)
    assert "mode collapse" in diagnosis.names
    finding = diagnosis.warnings[0]
    assert f"step {finding.step}, {finding.name}. {finding.text}" in capsys.readouterr().out


def test_a_look_leaves_the_run_as_it_is_to_the_bit():
    watched = train(HEALTHY, 20, Diagnostics(POINTS[:64], every=5, show=False))
    alone = train(HEALTHY, 20, lambda state, metrics: None)
    exact = {"rtol": 0, "atol": 0}
    for name in ("generator", "discriminator"):
        pair = [getattr(state, name).state_dict() for state in (watched, alone)]
        torch.testing.assert_close(*pair, **exact)


class Script:
    """Stands in for the probe: hands out looks at discriminators so certain."""

    def __init__(self, look, certainties):
        self.looks = iter([dataclasses.replace(look, certainty=value) for value in certainties])

    def look(self, state, metrics):
        return next(self.looks)


def scripted(certainties, patience, capsys):
    diagnosis = Diagnostics(POINTS[:64], every=1, patience=patience)
    state = vanilla.build(HEALTHY)
    metrics = vanilla.step(state, (POINTS[:64],))
    first = diagnosis.probe.look(state, metrics)
    diagnosis.probe = Script(first, certainties)
    for step in range(1, len(certainties) + 1):
        state.step = step
        diagnosis(state, metrics)
    capsys.readouterr()
    return [(finding.step, finding.name) for finding in diagnosis.warnings]


def test_a_symptom_must_stay_and_is_told_once(capsys):
    assert scripted([1, 1, 0, 1, 1, 0], 3, capsys) == []
    assert scripted([1, 1, 1, 0, 1, 1, 1], 3, capsys) == [(3, "saturated discriminator")]
    assert scripted([0, 1], 1, capsys) == [(2, "saturated discriminator")]


def test_measures_can_be_drawn():
    diagnosis = Diagnostics(POINTS[:64], every=2, show=False)
    train(HEALTHY, 6, diagnosis)
    steps, values = diagnosis.measured("moved")
    assert steps == [4, 6] and all(value > 0 for value in values)  # unknown at the first look
    assert diagnosis.measured("by_heart") == ([], [])


def test_without_a_sigmoid_certainty_is_not_judged():
    assert set(Diagnostics(POINTS[:64]).symptoms) == set(SYMPTOMS)
    missing = set(SYMPTOMS) - set(Diagnostics(POINTS[:64], sigmoid=False).symptoms)
    assert missing == {"saturated discriminator"}


def test_variety_is_measured_in_the_features_asked_for():
    diagnosis = Diagnostics(POINTS[:64], every=1, features=lambda x: x[:, :1], show=False)
    train(HEALTHY, 1, diagnosis)
    assert diagnosis.looks[0].center.shape == (1,)


@pytest.mark.parametrize("name", ["every", "patience"])
def test_numbers_below_one_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        Diagnostics(POINTS[:64], **{name: 0})
