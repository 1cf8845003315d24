"""ganbook.training.symptoms: each is seen just past its limit, and not before."""

import dataclasses

import pytest
import torch

from ganbook.training import symptoms
from ganbook.training.looks import Look

HEALTHY = Look(
    step=100,
    certainty=0.6,
    told_apart=0.7,
    scale=1.0,
    gradient=0.5,
    passed_on=0.5,
    moved=0.01,
    missing=0.0,
    center=torch.zeros(2),
    by_heart=0.1,
    company=0.0,
)
ALL = [
    symptoms.saturated_discriminator,
    symptoms.vanishing_gradient,
    symptoms.generator_stands_still,
    symptoms.exploding_critic,
    symptoms.oscillation,
    symptoms.mode_collapse,
    symptoms.memorising,
    symptoms.batch_norm_leak,
]


def look(**values):
    return dataclasses.replace(HEALTHY, **values)


def path(*places):
    """Looks whose mean fake was at these places on a line."""
    return [look(center=torch.tensor([float(place), 0.0])) for place in places]


@pytest.mark.parametrize("symptom", ALL)
def test_health_has_no_symptoms(symptom):
    assert symptom([HEALTHY]) is None
    assert symptom([HEALTHY] * 20) is None
    unmeasured = look(moved=None, by_heart=None, company=None)
    assert symptom([unmeasured]) is None


@pytest.mark.parametrize(
    ("symptom", "before", "past", "said"),
    [
        (symptoms.saturated_discriminator, {"certainty": 0.97}, {"certainty": 0.99}, "0.990"),
        (
            symptoms.vanishing_gradient,
            {"passed_on": 0.02, "told_apart": 1.0},
            {"passed_on": 0.005, "told_apart": 1.0},
            "5.0e-03",
        ),
        (symptoms.mode_collapse, {"missing": 0.29}, {"missing": 0.5}, "50%"),
        (
            symptoms.memorising,
            {"by_heart": 0.39, "told_apart": 0.9},
            {"by_heart": 0.6, "told_apart": 0.9},
            "60%",
        ),
        (symptoms.batch_norm_leak, {"company": 0.19}, {"company": 0.45}, "0.45"),
        (symptoms.generator_stands_still, {"moved": 1e-9}, {"moved": 0.0}, "did not move"),
        (symptoms.generator_stands_still, {}, {"gradient": 0.0}, "got no gradient"),
    ],
)
def test_one_look_past_the_limit_is_enough(symptom, before, past, said):
    assert symptom([HEALTHY] * 5 + [look(**before)]) is None
    text = symptom([HEALTHY] * 5 + [look(**past)])
    assert said in text
    assert text.count(". ") >= 2  # seen, meant, to try
    assert symptom([look(**past)] * 6 + [HEALTHY]) is None  # only the last look counts


def test_a_generator_may_begin_as_a_heap():
    heap = look(missing=0.9)
    assert symptoms.mode_collapse([heap] * 5) is None
    assert symptoms.mode_collapse([heap] * 6) is not None


def test_a_small_gradient_at_an_equilibrium_is_no_fault():
    assert symptoms.vanishing_gradient([look(passed_on=0.001, told_apart=0.6)]) is None


def test_without_any_gradient_it_is_not_called_vanishing():
    assert symptoms.vanishing_gradient([look(passed_on=0.0, told_apart=1.0)]) is None


def test_nothing_is_known_by_heart_where_fakes_pass_for_training_samples():
    assert symptoms.memorising([look(by_heart=5.0, told_apart=0.6)]) is None


def test_a_critic_explodes_if_it_is_large_and_still_growing():
    def run(*scales):
        return symptoms.exploding_critic([look(scale=float(scale)) for scale in scales])

    assert run(1000) is None  # a single look shows no growth
    assert run(1, 2, 4, 8) is None  # grows, and is small
    assert run(200, 200, 210, 220) is None  # large, and steady
    text = run(10, 20, 40, 80)
    assert "spread over 80" in text and "4.0 times" in text  # the second of four looks: 20


def test_going_back_and_forth_is_oscillation_and_going_straight_is_not():
    there_and_back = path(*[0, 1] * 6)
    straight = path(*range(12))
    trembling = path(*[0, 0.2] * 6)
    assert symptoms.oscillation(straight) is None
    assert symptoms.oscillation(trembling) is None
    assert symptoms.oscillation(there_and_back[:10]) is None  # fewer than ten moves
    text = symptoms.oscillation(there_and_back)
    assert "travelled 10.0 times" in text and "ended 0.0" in text


def test_old_travel_is_forgotten():
    assert symptoms.oscillation(path(*[0, 1] * 6, *[0] * 11)) is None


def test_limits_are_arguments():
    assert symptoms.mode_collapse([look(missing=0.2)], limit=0.1, start=0)
    assert symptoms.mode_collapse([look(missing=0.5)], limit=0.6, start=0) is None
    assert symptoms.oscillation(path(*[0, 0.2] * 6), limit=0.1)
