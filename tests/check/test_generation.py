"""Chapter 2's checks: right answers, typical wrong ones and the hint for each."""

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from ganbook.check import generation as check


def right_kl(mean, std):
    return 0.5 * (mean**2 + std**2 - 1 - torch.log(std**2))


@pytest.mark.parametrize(
    "answer",
    [
        right_kl,
        lambda m, s: 0.5 * (m**2 + s**2 - 1) - s.log(),
        lambda m, s: kl_divergence(Normal(m, s), Normal(0.0, 1.0)),
    ],
)
def test_right_kl(said, answer):
    assert said(check.kl_nats, answer).startswith("Right: ")


def reverse(m, s):
    return kl_divergence(Normal(torch.zeros_like(m), torch.ones_like(s)), Normal(m, s))


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda m, s: right_kl(m, s).sum(), "Here each one is asked for alone"),
        (lambda m, s: right_kl(m, s).mean(), "You average over the coordinates"),
        (lambda m, s: 2 * right_kl(m, s), "is a half missing?"),
        (lambda m, s: 0.5 * (m**2 + s**2 - 1 - s.log()), "Is it of σ or of σ²?"),
        (lambda m, s: 0.5 * (m**2 + s - 1 - s.log()), "takes σ for the variance"),
        (lambda m, s: 0.5 * (m**2 + s**2 - (s**2).log()), "A standard normal must cost nothing"),
        (lambda m, s: 0.5 * (m**2 + s**2 - 1 + (s**2).log()), "One sign is wrong"),
        (lambda m, s: -right_kl(m, s), "the wrong sign"),
        (lambda m, s: right_kl(m, s) / torch.tensor(2.0).log(), "Those are bits"),
        (reverse, "the other way round"),
        (lambda m, s: right_kl(m, s).T, "swapped"),
        (lambda m, s: 0.5 * (m**2 + s**2 - 1 - (s**8).log() / 4), "the KL term is infinite"),
    ],
)
def test_wrong_kl(refused, answer, hint):
    refused(check.kl_nats, answer, hint, ["mean**2", "μ²", "0.5 *", "log("])


def right_pasted(a, hair, wall, sky):
    photo = a * hair + (1 - a) * wall
    return a * photo + (1 - a) * sky, a * hair + (1 - a) * sky


def only(a, hair, wall, sky):
    return right_pasted(a, hair, wall, sky)[0]


@pytest.mark.parametrize(
    "answer", [right_pasted, lambda *v: [torch.tensor(x) for x in right_pasted(*v)]]
)
def test_right_pasted(said, answer):
    assert said(check.pasted, answer).startswith("Right: ")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda *v: right_pasted(*v)[::-1], "The two values are swapped"),
        (only, "Return 2 values (hazy, right); your function returns one value"),
        (lambda a, h, w, s: (a * h + (1 - a) * w, a * h + (1 - a) * s), "still to be pasted"),
        (lambda a, h, w, s: (right_pasted(a, h, w, s)[0], a * h), "one sees the new background"),
        (lambda a, h, w, s: (right_pasted(a, h, w, s)[0], (1 - a) * h + a * s), "does α belong"),
        (lambda a, h, w, s: (a * (a * h + (1 - a) * w), a * h + (1 - a) * s), "shines through"),
        (lambda a, h, w, s: (a * h + (1 - a) * s,) * 2, "first value is without haze"),
        (lambda a, h, w, s: (1.0, a * h + (1 - a) * s), "is too large: your function gives 1."),
        (lambda a, h, w, s: (0.0, a * h + (1 - a) * w), "shows the old background"),
    ],
)
def test_wrong_pasted(refused, answer, hint):
    refused(check.pasted, answer, hint, ["alpha *", "(1 - alpha)", "0.05", "0.25 "])


def test_half_an_answer(said):
    answer = lambda a, h, w, s: (None, a * h + (1 - a) * s)  # noqa: E731
    assert said(check.pasted, answer).startswith("Not answered yet: hazy is missing")


@pytest.mark.parametrize("name", ["kl_nats", "pasted"])
def test_missing_and_broken(neither_missing_nor_broken, name):
    neither_missing_nor_broken(getattr(check, name))
