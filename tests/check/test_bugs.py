"""Appendix A1's checks: right answers, typical wrong ones and the hint for each."""

from copy import deepcopy

import pytest
import torch
from torch.nn.functional import softplus
from torch.nn.utils import parameters_to_vector

from ganbook.check import bugs as check


def snapshot(network):
    return parameters_to_vector(network.parameters()).detach().clone()


def at_rest(step, networks, look=snapshot, same=torch.equal):
    before = {name: look(network) for name, network in networks.items()}
    step()
    return [name for name in networks if same(before[name], look(networks[name]))]


def with_copies(step, networks):
    before = deepcopy(networks)
    step()
    return {
        name
        for name, network in networks.items()
        if all(map(torch.equal, network.parameters(), before[name].parameters()))
    }


def whole_step(
    generator,
    discriminator,
    g_optimizer,
    d_optimizer,
    real,
    z,
    cut_d=True,
    cut_g=False,
    clear_d=True,
    clear_g=True,
    sides=(-1, 1),
    wish=-1,
    detach=True,
    rests=(),
    parts=(1, 1),
):
    """The step, with switches for its bugs."""
    fake = generator(z)
    seen = fake.detach() if cut_d else generator(z)
    d_loss = parts[0] * softplus(sides[0] * discriminator(real)).mean()
    d_loss = d_loss + parts[1] * softplus(sides[1] * discriminator(seen)).mean()
    if clear_d:
        d_optimizer.zero_grad()
    d_loss.backward()
    if "d" not in rests:
        d_optimizer.step()
    g_loss = softplus(wish * discriminator(fake.detach() if cut_g else fake)).mean()
    if clear_g:
        g_optimizer.zero_grad()
    g_loss.backward()
    if "g" not in rests:
        g_optimizer.step()
    return (d_loss.detach(), g_loss.detach()) if detach else (d_loss, g_loss)


def cleared_at_the_end(generator, discriminator, g_optimizer, d_optimizer, real, z):
    losses = whole_step(
        generator, discriminator, g_optimizer, d_optimizer, real, z, clear_d=False, clear_g=False
    )
    g_optimizer.zero_grad()
    d_optimizer.zero_grad()
    return losses


def judged_before(generator, discriminator, g_optimizer, d_optimizer, real, z):
    """Both losses first, then both steps."""
    fake = generator(z)
    d_loss = softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach())).mean()
    g_loss = softplus(-discriminator(fake)).mean()
    slope_g = torch.autograd.grad(g_loss, list(generator.parameters()))
    slope_d = torch.autograd.grad(d_loss, list(discriminator.parameters()))
    for network, slopes in ((generator, slope_g), (discriminator, slope_d)):
        for parameter, slope in zip(network.parameters(), slopes):
            parameter.grad = slope
    g_optimizer.step()
    d_optimizer.step()
    return d_loss.item(), g_loss.item()


def changed(**change):
    return lambda *given: whole_step(*given, **change)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (check.at_rest, at_rest),
        (check.at_rest, with_copies),
        (check.whole_step, whole_step),
        (check.whole_step, cleared_at_the_end),
        (check.whole_step, judged_before),
        # Gradients that are cleared before they are used do no harm.
        (check.whole_step, changed(cut_d=False)),
    ],
)
def test_right(said, exercise, answer):
    assert said(exercise, answer).startswith("Right: ")


@pytest.mark.parametrize("exercise", [check.at_rest, check.whole_step])
def test_missing_or_broken(neither_missing_nor_broken, exercise):
    neither_missing_nor_broken(exercise)


def without_clone(step, networks):
    before = {name: list(network.parameters()) for name, network in networks.items()}
    step()
    return [
        name
        for name, network in networks.items()
        if all(map(torch.equal, before[name], network.parameters()))
    ]


def everything(network):
    return torch.cat([value.flatten().double() for value in network.state_dict().values()])


def moving(step, networks):
    return [name for name in networks if name not in at_rest(step, networks)]


def moving_ones(step, networks):
    rest = at_rest(step, networks)
    return [name for name in networks if name not in rest] if len(rest) == 1 else rest


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (without_clone, "not what they were"),
        (lambda s, n: at_rest(s, n, lambda net: snapshot(net)[:12]), "every parameter"),
        (
            lambda s, n: at_rest(s, n, same=lambda a, b: torch.allclose(a, b, atol=1e-3)),
            "for any change",
        ),
        (lambda s, n: at_rest(s, n, lambda net: snapshot(net).sum(), torch.isclose), "You report"),
        (lambda s, n: at_rest(s, n, everything), "running statistics"),
        (moving_ones, "has the network that moved"),
        (moving, "The step should run once"),
        (lambda s, n: [], "0 times"),
        (lambda s, n: s() or True, "Return a list of names"),
        (lambda s, n: s() or list(n.values()), "one of yours is of type Sequential"),
        (lambda s, n: s() or [], "Neither network moved. You report none."),
    ],
)
def test_wrong_alarms(refused, answer, hint):
    refused(check.at_rest, answer, hint, ["clone", "deepcopy", "detach"])


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (dict(sides=(1, -1)), "call real images fake"),
        (dict(parts=(1, 0)), "from real images only"),
        (dict(parts=(0, 1)), "from fakes only"),
        (dict(parts=(-1, -1)), "the wrong sign"),
        (dict(parts=(0.5, 0.5)), "0.5 times the listing's"),
        (dict(rests="d"), "The discriminator's turn: it does not move"),
        (dict(rests="g"), "The generator's turn: it does not move"),
        (dict(cut_g=True), "The generator's turn: it does not move"),
        (dict(wish=1), "asks to be called fake"),
        (dict(clear_d=False), "in the second the discriminator goes astray"),
        (dict(clear_g=False), "in the second the generator goes astray"),
        (dict(cut_d=False, clear_g=False), "What else has been added"),
        (dict(detach=False), "hold their graph"),
    ],
)
def test_wrong_steps(refused, change, hint):
    refused(check.whole_step, changed(**change), hint, ["zero_grad", "detach", "softplus"])


def test_the_listing_itself(refused):
    listing = changed(
        sides=(1, -1), cut_d=False, cut_g=True, clear_d=False, clear_g=False, detach=False
    )
    refused(check.whole_step, listing, "call real images fake")


def test_a_saturating_loss(refused):
    def answer(generator, discriminator, g_optimizer, d_optimizer, real, z):
        d_loss, _ = whole_step(
            generator, discriminator, g_optimizer, d_optimizer, real, z, rests="g"
        )
        g_optimizer.zero_grad()
        g_loss = -softplus(discriminator(generator(z))).mean()
        g_loss.backward()
        g_optimizer.step()
        return d_loss, g_loss.item()

    refused(check.whole_step, answer, "as the value has it")


def test_losses_that_are_not_returned(said):
    assert said(check.whole_step, lambda *given: whole_step(*given)[0]).startswith(
        "Not yet: Return 2"
    )


def test_a_small_move_is_a_move(refused):
    answer = lambda s, n: at_rest(s, n, same=torch.allclose)  # noqa: E731
    refused(check.at_rest, answer, "for any change")


@pytest.mark.parametrize(
    ("returned", "hint"),
    [
        (lambda d, g: (g, d), "the losses returned are exchanged"),
        (lambda d, g: (0.0, g), "`d_loss` is not the loss that did it"),
        (lambda d, g: (d, d), "`g_loss` is not the loss that did it"),
        (lambda d, g: ("d", "g"), "`d_loss` must be a number"),
    ],
)
def test_wrong_losses_returned(refused, returned, hint):
    refused(check.whole_step, lambda *given: returned(*whole_step(*given)), hint)
