"""Chapter 3's checks: right answers, typical wrong ones and the hint for each."""

from functools import partial

import pytest
import torch
from torch.nn import functional as F

from ganbook.check import vanilla as check
from ganbook.losses.adversarial import discriminator_loss
from ganbook.nn.freeze import frozen


def best(real, fake):
    return real / (real + fake)


@pytest.mark.parametrize(
    "answer", [lambda r, f: r.log() - f.log(), lambda r, f: r.double().log() - f.double().log()]
)
def test_right_logit(said, answer):
    assert said(check.optimal_logit, answer).startswith("Right: ")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (best, "That is the probability D*."),
        (lambda r, f: 1 - best(r, f), "the probability of a fake"),
        (lambda r, f: best(r, f).log(), "That is log D*."),
        (lambda r, f: r / f, "the odds. One step is missing."),
        (lambda r, f: f.log() - r.log(), "The sign is wrong"),
        (lambda r, f: torch.log10(r / f), "natural logarithm"),
        (lambda r, f: best(r, f).logit(), "Where one is 10⁻³⁰ of the other"),
        (lambda r, f: (best(r, f) / (1 - best(r, f))).log(), "is infinite in"),
        (lambda r, f: (r.log() - f.log()).clamp(-20, 20), "cannot be turned back"),
        (lambda r, f: (r.log() - f.log()).mean(), "averaged or summed over too much"),
    ],
)
def test_wrong_logit(refused, answer, hint):
    refused(check.optimal_logit, answer, hint, ["log(real", "real.log", "ratio", "difference of"])


def two_sided(real, fake, s):
    return ((1 - s) * real + s * fake) / (real + fake)


def on_a_grid(real, fake, s):
    y = torch.linspace(0, 1, 100_001, dtype=torch.float64)[1:-1]
    a, b = real[:, None].double(), fake[:, None].double()
    on_real = (1 - s) * y.log() + s * (1 - y).log()
    on_fake = s * y.log() + (1 - s) * (1 - y).log()
    return y[(a * on_real + b * on_fake).argmax(dim=1)]


@pytest.mark.parametrize("answer", [two_sided, on_a_grid])
def test_right_smoothing(said, answer):
    assert said(check.smoothed_on_both_sides, answer).startswith("Right: ")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda r, f, s: best(r, f), "without any smoothing"),
        (lambda r, f, s: (1 - s) * best(r, f), "That is one-sided"),
        (lambda r, f, s: (s * r + (1 - s) * f) / (r + f), "the wrong way round"),
        (lambda r, f, s: (r + s * f) / (r + f), "The fakes are smoothed, the real samples are not"),
        (lambda r, f, s: (1 - s) * r + s * f, "What is below the bar?"),
        (lambda r, f, s: two_sided(r, f, 0.1), "D for s = 0.25"),
        (lambda r, f, s: two_sided(r, f, s).tolist(), "yours is of type list"),
    ],
)
def test_wrong_smoothing(refused, answer, hint):
    secrets = ["(1 - s) *", "(1 - smoothing)", "p_g", "s * fake"]
    refused(check.smoothed_on_both_sides, answer, hint, secrets)


def teach(
    generator,
    discriminator,
    optimizer,
    real,
    latents,
    detach=True,
    clear=True,
    loss=discriminator_loss,
    step=True,
    after=lambda generator, discriminator: None,
):
    for z in latents:
        fake = generator(z)
        value = loss(discriminator(real), discriminator(fake.detach() if detach else fake))
        if clear:
            optimizer.zero_grad()
        value.backward()
        if step:
            optimizer.step()
        after(generator, discriminator)


def without_grad(generator, discriminator, optimizer, real, latents):
    for z in latents:
        with torch.no_grad():
            fake = generator(z)
        logits = torch.cat([discriminator(real), discriminator(fake)])
        target = torch.cat([torch.ones(len(real), 1), torch.zeros(len(fake), 1)])
        (2 * F.binary_cross_entropy_with_logits(logits, target)).backward()
        optimizer.step()
        optimizer.zero_grad()


def with_frozen(generator, *rest):
    with frozen(generator):
        teach(generator, *rest, detach=False)
    return 0.3


@pytest.mark.parametrize("answer", [teach, without_grad, with_frozen])
def test_right_lessons(said, answer):
    assert said(check.extra_lessons, answer).startswith("Right: ")


def first_only(generator, discriminator, optimizer, real, latents):
    teach(generator, discriminator, optimizer, real, latents[:1])


def the_same_again(generator, discriminator, optimizer, real, latents):
    teach(generator, discriminator, optimizer, real, [latents[0]] * 3)


def other_optimizer(generator, discriminator, optimizer, real, latents):
    optimizer = torch.optim.SGD(generator.parameters(), lr=0.1)
    loss = F.softplus(-discriminator(generator(latents[0]))).mean()
    loss.backward()
    optimizer.step()
    generator.zero_grad()


def swapped(real, fake):
    return discriminator_loss(fake, real)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (partial(teach, detach=False), "Your loss sends gradients to the generator"),
        (partial(teach, clear=False), "gradients of earlier lessons are added in"),
        (partial(teach, step=False), "The step does not move the discriminator"),
        (partial(teach, loss=lambda r, f: -discriminator_loss(r, f)), "wrong way round"),
        (partial(teach, loss=lambda r, f: discriminator_loss(r, f) / 2), "half as strong"),
        (partial(teach, loss=lambda r, f: F.softplus(-r).mean()), "from real samples only"),
        (partial(teach, loss=lambda r, f: F.softplus(f).mean()), "from fakes only"),
        (
            partial(teach, loss=lambda r, f: F.softplus(-r).mean() + F.softplus(-f).mean()),
            "call fakes real",
        ),
        (first_only, "Only one lesson was given"),
        (the_same_again, "Every lesson uses the same latents"),
        (other_optimizer, "The step moves the generator, which must rest"),
        (partial(teach, loss=swapped), "values are wrong"),
        (partial(teach, loss=lambda r, f: (r.sigmoid() - 1).square().mean()), "values are wrong"),
        (partial(teach, after=lambda g, d: d.requires_grad_(False)), "RuntimeError"),
    ],
)
def test_wrong_lessons(refused, answer, hint):
    refused(check.extra_lessons, answer, hint, [".detach()", "no_grad", "zero_grad"])


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    ("leave", "hint"),
    [
        (lambda n: n.requires_grad_(False), "frozen than before"),
        (lambda n: n.eval(), "another mode"),
    ],
)
def test_left_otherwise(refused, place, leave, hint):
    def answer(*given):
        teach(*given)
        leave(given[place])

    refused(check.extra_lessons, answer, hint)


@pytest.mark.parametrize("name", ["optimal_logit", "smoothed_on_both_sides"])
def test_missing_and_broken(neither_missing_nor_broken, name):
    neither_missing_nor_broken(getattr(check, name))


def test_missing_and_broken_lessons(neither_missing_nor_broken):
    neither_missing_nor_broken(check.extra_lessons)
