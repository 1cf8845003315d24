"""Chapter 8's checks: right answers, typical wrong ones and the hint for each."""

import math
from itertools import permutations, product

import pytest
import torch

from ganbook.check import cyclegan as check


def fitting(p, q):
    def reached(g):
        return [sum(p[a] for a in range(len(p)) if g[a] == b) for b in range(len(q))]

    return [g for g in product(range(len(q)), repeat=len(p)) if reached(g) == q]


def one_to_one(g):
    return len(set(g)) == len(g)


def count_maps(p, q):
    right = fitting(p, q)
    return len(right), sum(map(one_to_one, right))


def by_permutations(p, q):
    """Ways back counted as orders of B's symbols that carry A's frequencies."""
    back = 0
    if len(p) == len(q):
        back = sum([q[b] for b in g] == p for g in permutations(range(len(q))))
    return len(fitting(p, q)), back


def distance(image, target):
    return (image - target).abs().mean()


def translators_loss(G, F, D_A, D_B, a, b, weight, identity, **change):
    """The whole loss, or with one of its parts changed."""
    fake_b, fake_a = G(a), F(b)
    if change.get("crossed"):
        game = (D_A(fake_b) - 1).square().mean() + (D_B(fake_a) - 1).square().mean()
    else:
        target = change.get("target", 1)
        game = (D_A(fake_a) - target).square().mean() + (D_B(fake_b) - target).square().mean()
    if change.get("cut"):
        fake_a, fake_b = fake_a.detach(), fake_b.detach()
    back_a, back_b = F(fake_b), G(fake_a)
    if change.get("mixed"):
        back_a, back_b = back_b, back_a
    join = change.get("join", distance)
    cycle = change.get("there", 1) * join(back_a, a) + change.get("again", 1) * join(back_b, b)
    same = distance(G(b), b) + distance(F(a), a)
    if change.get("copies"):
        same = distance(G(a), a) + distance(F(b), b)
    of_cycle = change.get("of_cycle", weight)
    return change.get("of_game", 1) * game + of_cycle * cycle + weight * identity * same


def show_fakes(stored, fakes, capacity):
    shown = []
    for image in fakes.detach():
        if len(stored) < capacity:
            stored.append(image)
        elif torch.rand(()) < 0.5:
            place = torch.randint(capacity, ()).item()
            stored[place], image = image, stored[place]
        shown.append(image)
    return torch.stack(shown)


def buffer(stored, fakes, capacity, chance=0.5, detach=True, first=False, **change):
    """The buffer with one of its parts changed."""
    shown = fakes.detach().clone() if detach else fakes.clone()
    for k, image in enumerate(fakes.detach() if change.get("stored_detached", True) else fakes):
        if len(stored) < change.get("room", capacity):
            stored.append(image)
        elif torch.rand(()) < chance:
            place = 0 if first else torch.randint(capacity, ()).item()
            shown[k] = stored[place]
            if change.get("kept"):
                continue
            if change.get("dropped"):
                del stored[place]
            else:
                stored[place] = image
        elif change.get("stores_all"):
            stored[torch.randint(capacity, ()).item()] = image
    return shown


def after_the_batch(stored, fakes, capacity):
    """Right for batches of one, but a batch may overfill the list."""
    if len(stored) < capacity:
        stored.extend(fakes.detach())
        return fakes.detach()
    return show_fakes(stored, fakes, capacity)


def in_any_order(stored, fakes, capacity):
    """Another right form: draws first, takes the old image out and appends the new one."""
    shown = []
    for image in fakes.detach().clone():
        old = len(stored) >= capacity and torch.randint(2, ()).item()
        if old:
            shown.append(stored.pop(torch.randint(len(stored), ()).item()))
        else:
            shown.append(image)
        if old or len(stored) < capacity:
            stored.append(image)
    return torch.stack(shown)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (check.count_maps, count_maps),
        (check.count_maps, by_permutations),
        (check.translators_loss, translators_loss),
        (check.show_fakes, show_fakes),
        (check.show_fakes, buffer),
        (check.show_fakes, in_any_order),
    ],
)
def test_right(said, exercise, answer):
    assert said(exercise, answer).startswith("Right: ")


@pytest.mark.parametrize("exercise", [check.count_maps, check.translators_loss, check.show_fakes])
def test_missing_or_broken(neither_missing_nor_broken, exercise):
    neither_missing_nor_broken(exercise)


def both(count):
    return lambda p, q: (count(p, q), count(p, q))


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (both(lambda p, q: len(q) ** len(p)), "you count all maps"),
        (both(lambda p, q: math.factorial(len(p))), "reach every symbol"),
        (
            both(lambda p, q: math.factorial(len(p)) if len(set(p)) == 1 else 2 * len(p)),
            "Reached by how much?",
        ),
        (both(lambda p, q: len(fitting(p, q))), "not every right map has a way back"),
        (both(lambda p, q: count_maps(p, q)[1]), "with a way back only"),
        (
            lambda p, q: (
                len(fitting(p, q)),
                sum(map(one_to_one, product(range(len(q)), repeat=len(p)))),
            ),
            "among all maps",
        ),
        (fitting, "Return 2 values"),
        (both(fitting), "the maps themselves"),
        (lambda p, q: count_maps(p, q)[0], "Return 2 values (right, with_way_back)"),
        (lambda p, q: (5, 5), "too small"),
    ],
)
def test_wrong_counts(refused, answer, hint):
    refused(check.count_maps, answer, hint, ["sum(", "set("])


def squares(image, target):
    return (image - target).square().mean()


def added(image, target):
    return (image - target).abs().sum()


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (dict(of_cycle=0), "The cycle is missing"),
        (dict(of_game=0), "Which terms should λ not touch?"),
        (dict(crossed=True), "the other domain's fakes"),
        (dict(target=0), "ask for the scores of fakes"),
        (dict(of_cycle=1), "Where is its weight?"),
        (dict(of_game=1e-9, of_cycle=1), "λ is misplaced"),
        (dict(again=0), "from B to A and back is missing"),
        (dict(there=0), "from A to B and back is missing"),
        (dict(mixed=True), "Where did each journey begin?"),
        (dict(join=squares), "differences are squared"),
        (dict(join=added), "added up"),
        (dict(there=0.5, again=0.5), "averaged"),
        (dict(of_game=0.5), "for the judges"),
        (dict(copies=True), "in the right domain already"),
        (dict(cut=True), "on one way of a journey only"),
    ],
)
def test_wrong_losses_of_translators(refused, change, hint):
    def answer(*given):
        return translators_loss(*given, **change)

    refused(check.translators_loss, answer, hint, ["F(G(", "- 1", "abs()"])


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda *given: translators_loss(*given[:-1], 0), "identity term is missing"),
        (lambda *given: translators_loss(*given[:-1], bool(given[-1])), "its own weight"),
        (lambda *given: translators_loss(*given[:-1], given[-1] / 10), "a fraction of the cycle's"),
        (lambda *given: translators_loss(*given).item(), "must be a tensor"),
        (lambda *given: translators_loss(*given).detach(), "carries no gradient"),
        (lambda G, *given: translators_loss(lambda x: G(x).detach(), *given), "no gradient to G"),
        (lambda *given: translators_loss(*given) - 1, "The loss with λ = 0 is too"),
    ],
)
def test_other_wrong_losses_of_translators(refused, answer, hint):
    refused(check.translators_loss, answer, hint, ["F(G(", "abs()"])


def test_a_detached_fake_in_the_game(refused):
    def answer(G, F, D_A, D_B, a, b, weight, identity):
        whole = translators_loss(G, F, D_A, D_B, a, b, weight, identity)
        fakes = D_A(F(b)), D_B(G(a))
        game = sum((scores - 1).square().mean() for scores in fakes)
        return whole - game + game.detach()

    refused(check.translators_loss, answer, "Which fake was cut from its graph")


def changed(**change):
    return lambda *given: buffer(*given, **change)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (changed(detach=False), "What is shown still hangs"),
        (changed(stored_detached=False), "What is stored still hangs"),
        (changed(chance=0), "an old image in 0% of the cases"),
        (changed(chance=1), "an old image in 100% of the cases"),
        (changed(first=True), "came from each of the 5 places"),
        (changed(kept=True), "shown and stays"),
        (changed(dropped=True), "the new one is not stored"),
        (changed(stores_all=True), "and stored as well"),
        (changed(room=2, chance=0), "has stored 2 of 3"),
        (changed(room=100), "9 are stored after batches of 3 and 6"),
        (after_the_batch, "one after the other"),
        (lambda stored, fakes, capacity: fakes.detach(), "has stored 0 of 3"),
        (lambda stored, fakes, capacity: fakes.detach()[:1], "become (1, 1, 1, 1)"),
        (lambda stored, fakes, capacity: list(fakes), "must be a tensor"),
        (lambda stored, fakes, capacity: torch.zeros_like(fakes), "shown as it is"),
    ],
)
def test_wrong_buffers(refused, answer, hint):
    refused(check.show_fakes, answer, hint, ["detach()", "stored["])


def one_coin(stored, fakes, capacity):
    exchange, shown = torch.rand(()) < 0.5, []
    for image in fakes.detach():
        if len(stored) < capacity:
            stored.append(image)
        elif exchange:
            place = torch.randint(capacity, ()).item()
            stored[place], image = image, stored[place]
        shown.append(image)
    return torch.stack(shown)


def test_one_coin_for_a_batch(refused):
    refused(check.show_fakes, one_coin, "Toss the coin for each image", ["detach()"])


def test_a_loss_that_is_sent_back(refused):
    def answer(*arguments):
        loss = translators_loss(*arguments)
        loss.backward(retain_graph=True)
        return loss

    refused(check.translators_loss, answer, "calls `backward` itself")


def test_frequencies_that_are_sorted(refused):
    def answer(p, q):
        p.sort()
        return count_maps(p, q)

    refused(check.count_maps, answer, "changes a list that it was given")
