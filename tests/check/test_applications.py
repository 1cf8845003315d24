"""Chapter 11's checks: right answers, typical wrong ones and the hint for each."""

import pytest
import torch

from ganbook.check import applications as check


def blend_error(error_a, error_b, apart, alpha):
    return (1 - alpha) * error_a + alpha * error_b - alpha * (1 - alpha) * apart


def by_the_mixed_term(error_a, error_b, apart, alpha):
    mixed = error_a + error_b - apart  # 2 u v
    return (1 - alpha) ** 2 * error_a + alpha**2 * error_b + alpha * (1 - alpha) * mixed


def with_pictures(error_a, error_b, apart, alpha):
    """Two vectors in the plane that have these lengths and this distance, blended."""
    cosine = (error_a + error_b - apart) / (2 * (error_a * error_b) ** 0.5)
    angle = torch.tensor(min(max(cosine, -1), 1), dtype=torch.float64).acos()
    u = error_a**0.5 * torch.tensor([1.0, 0.0], dtype=torch.float64)
    v = error_b**0.5 * torch.stack([angle.cos(), angle.sin()])
    return ((1 - alpha) * u + alpha * v).square().sum()


def allowed_false_alarms(prevalence, hits, right):
    return prevalence * hits * (1 - right) / (right * (1 - prevalence))


def by_halving(prevalence, hits, right):
    """Search for the rate at which Bayes' formula gives the wanted share."""
    low, high = 0.0, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        share = prevalence * hits / (prevalence * hits + (1 - prevalence) * rate)
        low, high = (rate, high) if share > right else (low, rate)
    return rate


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (check.blend_error, blend_error),
        (check.blend_error, by_the_mixed_term),
        (check.blend_error, with_pictures),
        (check.least_falsified, lambda alpha, beta: abs(alpha - beta)),
        (check.least_falsified, lambda alpha, beta: max(alpha, beta) - min(alpha, beta)),
        (check.allowed_false_alarms, allowed_false_alarms),
        (check.allowed_false_alarms, by_halving),
    ],
)
def test_right(said, exercise, answer):
    assert said(exercise, answer).startswith("Right: ")


@pytest.mark.parametrize(
    "exercise", [check.blend_error, check.least_falsified, check.allowed_false_alarms]
)
def test_missing_or_broken(neither_missing_nor_broken, exercise):
    neither_missing_nor_broken(exercise)


def line(a, b, t):
    return (1 - t) * a + t * b


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda a, b, d, t: blend_error(a, b, d, 1 - t), "whose share is α?"),
        (lambda a, b, d, t: line(a, b, t), "you give the straight line"),
        (lambda a, b, d, t: blend_error(a, b, -d, t), "the sign of the last term"),
        (lambda a, b, d, t: line(a, b, t) - d, "subtracted whole"),
        (lambda a, b, d, t: line(a, b, t) - t * d, "at α = 1, where the blend is b?"),
        (lambda a, b, d, t: line(a, b, t) - (1 - t) * d, "at α = 0, where the blend is a?"),
        (lambda a, b, d, t: blend_error(a, b, 2 * d, t), "twice as large"),
        (lambda a, b, d, t: (1 - t) ** 2 * a + t**2 * b, "the mixed term is missing"),
        (
            lambda a, b, d, t: (1 - t) ** 2 * a + t**2 * b - t * (1 - t) * d,
            "the mixed term is wrong",
        ),
        (lambda a, b, d, t: 100.0, "too large"),
        (lambda a, b, d, t: torch.tensor([a, b]), "must be one number"),
    ],
)
def test_wrong_blends(refused, answer, hint):
    refused(check.blend_error, answer, hint, ["α(1", "(1 − α)", "3.25"])


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda p, q: q - p, "negative share"),
        (lambda p, q: max(q - p, 0.0), "For α = 0.7 and β = 0.2, you say that nobody"),
        (lambda p, q: max(p - q, 0.0), "For α = 0.2 and β = 0.7, you say that nobody"),
        (lambda p, q: p * (1 - q) + q * (1 - p), "by chance"),
        (lambda p, q: (1 - p) * q, "by chance"),
        (lambda p, q: abs(p - q) / 2, "one wrong patient"),
        (lambda p, q: max(p, q), "that was there and stays"),
        (lambda p, q: q, "that was there and stays"),
        (lambda p, q: p + q, "remove every lesion"),
        (lambda p, q: 0, "nobody is falsified"),
        (lambda p, q: 100 * abs(p - q), "more than all patients"),
        (lambda p, q: 0.33, "too small"),
        (lambda p, q: "half", "must be a number"),
    ],
)
def test_wrong_shares(refused, answer, hint):
    refused(check.least_falsified, answer, hint, ["abs", "0.5", "|α", "α −", "difference"])


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda p, h, w: p * h * (1 - w) / w, "is a share of whom?"),
        (lambda p, h, w: p * h / (w * (1 - p)), "which share may be wrong?"),
        (lambda p, h, w: p * h * w / ((1 - w) * (1 - p)), "upside down"),
        (lambda p, h, w: 1 - w, "many more real images"),
        (lambda p, h, w: h * (1 - w) / w, "half of the images were fake"),
        (lambda p, h, w: p * h * (1 - w) / (1 - p), "a share of all alarms"),
        (lambda p, h, w: p * (1 - w) / (w * (1 - p)), "as if every fake were caught"),
        (lambda p, h, w: 100 * allowed_false_alarms(p, h, w), "not per cent"),
        (lambda p, h, w: 1 - allowed_false_alarms(p, h, w), "left alone"),
        (lambda p, h, w: 1 / allowed_false_alarms(p, h, w), "in how many real images"),
        (lambda p, h, w: p * h / (p * h + (1 - p) * w), "Which of them is asked for?"),
        (lambda p, h, w: 0.01, "your rate of 0.01 makes 9.0% of the alarms right"),
        (lambda p, h, w: -0.1, "negative rate"),
        (lambda p, h, w: 0.0, "100.0% of the alarms right"),
    ],
)
def test_wrong_rates(refused, answer, hint):
    refused(check.allowed_false_alarms, answer, hint, ["0.00011", "1 − ", "π"])


@pytest.mark.parametrize("factor", [-1, 2, 0.5])
def test_wrong_mixed_terms(refused, factor):
    def answer(a, b, d, t):
        return (1 - t) ** 2 * a + t**2 * b + factor * t * (1 - t) * (a + b - d)

    refused(check.blend_error, answer, "the mixed term is wrong")
