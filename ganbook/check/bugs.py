"""Checks of appendix A1: an alarm for networks that rest, and a step with several bugs."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ganbook.check.learning import weights
from ganbook.check.values import number, parts
from ganbook.check.verdict import Hint, call, verdict


def at_rest(function: Callable) -> None:
    """Check exercise 1, ``function(step, networks) -> names`` of the networks that did not move.

    Checked: both, one, or none move; a single bias moves a little; weights move so that their sum
    stays; running statistics change and no parameter does.
    """

    def last_bias(network):
        network[-1].bias += 1e-6

    def up_and_down(network):
        network[0].weight[0, 0] += 0.5
        network[0].weight[0, 1] -= 0.5

    def statistics(network):
        network[1].running_mean += 1

    both = ["discriminator", "generator"]
    copied = (
        "Both networks moved. With what do you compare? `parameters()` hands out the weights "
        "themselves, and not what they were."
    )
    little = (
        "Both networks moved, though only in the last bias, and by 0.000001. Do you look at every "
        "parameter, and for any change?"
    )
    running = (
        "Only the running statistics of batch normalisation changed. An optimizer moves parameters."
    )
    with verdict("it sees every network that rests, and no other."):
        check_alarm(function, up_and_down, up_and_down, [], copied)
        check_alarm(function, None, None, both, "Neither network moved.")
        check_alarm(function, last_bias, last_bias, [], little)
        check_alarm(function, statistics, statistics, both, running)
        check_alarm(function, up_and_down, None, both[:1], "Only the generator moved.")
        check_alarm(function, None, last_bias, both[1:], "Only the discriminator moved.")


def check_alarm(function: Callable, move_g, move_d, rest: list[str], why: str) -> None:
    """Give the reader's function one step, and compare the names it returns."""
    networks = {
        name: nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
        for name in ("generator", "discriminator")
    }
    for network in networks.values():  # so that a small move is small beside it
        nn.init.constant_(network[-1].bias, 0.5)
    calls = []

    @torch.no_grad()
    def step():
        calls.append(1)
        for network, move in zip(networks.values(), (move_g, move_d)):
            if move:
                move(network)

    found = call(function, step, dict(networks))
    if len(calls) != 1:
        raise Hint(f"The step should run once; your function runs it {len(calls)} times.")
    if not isinstance(found, list | tuple | set):
        raise Hint("Return a list of names, empty if both networks moved.")
    if strange := [name for name in found if not isinstance(name, str) or name not in networks]:
        kind = type(strange[0]).__name__
        raise Hint(f"Return names out of {', '.join(networks)}; one of yours is of type {kind}.")
    found = sorted(found)
    if found != rest:
        moved = sorted(networks.keys() - set(rest))
        if found == moved and len(moved) == 1:
            raise Hint(f"{why} Your list has the network that moved.")
        raise Hint(f"{why} You report {found or 'none'}.")


def whole_step(function: Callable) -> None:
    """Check exercise 4, ``function(generator, discriminator, g_optimizer, d_optimizer, real, z)``.

    It returns ``(d_loss, g_loss)``. Checked: both networks' moves in the first step and in the
    second, and that the losses returned are those and hold no graph. The generator may be judged by
    the discriminator before or after its step.
    """
    with verdict("both networks move as they should, step after step."):
        generator = nn.Linear(2, 2)
        discriminator = nn.Sequential(nn.Linear(2, 4), nn.LeakyReLU(0.2), nn.Linear(4, 1))
        optimizers = [
            torch.optim.SGD(network.parameters(), lr=0.2) for network in (generator, discriminator)
        ]
        for step in (1, 2):
            real, z = torch.randn(8, 2) + 1, torch.randn(8, 2)
            before = deepcopy(generator), deepcopy(discriminator)
            found = call(function, generator, discriminator, *optimizers, real, z)
            check_step(step, before, (generator, discriminator), real, z)
            losses = parts(found, ("d_loss", "g_loss"))
            for loss in losses:
                if isinstance(loss, Tensor) and loss.requires_grad:
                    raise Hint(
                        "Both networks move as they should. But the losses returned hold their "
                        "graph; whoever collects them for a plot fills the memory."
                    )
            check_losses(losses, before, discriminator, real, z)


def check_step(step: int, before, after, real: Tensor, z: Tensor) -> None:
    """Compare one step's new weights with those of the step as it should be."""
    (old_generator, judge), (generator, discriminator) = before, after
    fake = old_generator(z).detach()
    on_real, on_fake = judge(real), judge(fake)
    losses = {
        "": softplus(-on_real).mean() + softplus(on_fake).mean(),
        "You make it call real images fake, and fakes real.": softplus(on_real).mean()
        + softplus(-on_fake).mean(),
        "It learns from real images only.": softplus(-on_real).mean(),
        "It learns from fakes only.": softplus(on_fake).mean(),
        "It goes the opposite way: the loss has the wrong sign.": -softplus(-on_real).mean()
        - softplus(on_fake).mean(),
    }
    teach(
        "discriminator",
        step,
        [(stepped(judge, loss), hint) for hint, loss in losses.items()],
        weights(judge),
        weights(discriminator),
    )
    right, asks_fake, saturating = [], [], []
    for by in (discriminator, judge):
        logits = by(old_generator(z))
        right.append((stepped(old_generator, softplus(-logits).mean()), ""))
        asks_fake.append(
            (
                stepped(old_generator, softplus(logits).mean()),
                "It asks to be called fake.",
            )
        )
        saturating.append(
            (
                stepped(old_generator, -softplus(logits).mean()),
                "It plays the game as the value has it; the listing has the other loss.",
            )
        )
    moves = [*right, *asks_fake, *saturating]
    teach("generator", step, moves, weights(old_generator), weights(generator))


@torch.no_grad()
def check_losses(losses, before, discriminator: nn.Module, real: Tensor, z: Tensor) -> None:
    """Compare the losses returned with those that moved the networks."""
    fake, judge = before[0](z), before[1]
    d_loss, g_loss = (number(v, name) for v, name in zip(losses, ("`d_loss`", "`g_loss`")))
    right_d = (softplus(-judge(real)) + softplus(judge(fake))).mean().item()
    right_g = [softplus(-by(fake)).mean().item() for by in (discriminator, judge)]

    def among(value, right):
        return any(abs(value - one) < 1e-4 for one in right)

    if not (among(d_loss, [right_d]) and among(g_loss, right_g)):
        if among(g_loss, [right_d]) and among(d_loss, right_g):
            raise Hint("Both networks move as they should. But the losses returned are exchanged.")
        name = "g_loss" if among(d_loss, [right_d]) else "d_loss"
        raise Hint(f"Both networks move as they should. But `{name}` is not the loss that did it.")


def stepped(network: nn.Module, loss: Tensor, rate: float = 0.2) -> Tensor:
    """Return the weights after one step of gradient descent, (P,)."""
    slope = torch.autograd.grad(loss, list(network.parameters()), retain_graph=True)
    return weights(network) - rate * nn.utils.parameters_to_vector(slope)


def teach(name: str, step: int, moves: list[tuple[Tensor, str]], old: Tensor, new: Tensor) -> None:
    """Raise the hint that fits a network's new weights; `moves` are weights, each with a hint."""
    for move, hint in moves:
        if torch.allclose(new, move, rtol=1e-4, atol=1e-6):
            if hint:
                raise Hint(f"The {name}'s turn: {hint[0].lower()}{hint[1:]}")
            return
    if torch.equal(new, old):
        raise Hint(
            f"The {name}'s turn: it does not move. Is its optimizer's `step` called, and does its "
            "loss reach its weights?"
        )
    right = moves[0][0] - old
    factor = ((new - old) @ right / (right @ right)).item()
    if factor > 0 and torch.allclose(new - old, factor * right, rtol=1e-3, atol=1e-6):
        raise Hint(
            f"The {name}'s turn: the direction is right, but its loss is {factor:.3g} times the "
            "listing's."
        )
    if step == 2:
        raise Hint(
            f"The first step is right, and in the second the {name} goes astray. Something of the "
            "first is still in its gradients."
        )
    raise Hint(
        f"The {name}'s turn: it moves, but by another gradient than that of its own loss. What "
        "else has been added into its gradients?"
    )
