"""Checks of chapter 8: counting maps, the translators' whole loss, and the image buffer."""

from collections.abc import Callable, Sequence
from itertools import product

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ganbook.check.learning import expect_no_backward, gradients
from ganbook.check.line import Line
from ganbook.check.values import parts, same, tensor
from ganbook.check.verdict import Hint, call, verdict


def count_maps(function: Callable) -> None:
    """Check exercise 1, ``function(p, q) -> (right, with_way_back)``.

    ``p`` and ``q`` are the frequencies of the symbols of A and of B, in whole parts. Checked:
    equal, unequal and impossible frequencies, and domains with different numbers of symbols.
    """
    with verdict("so much two heaps leave open, and so much a way back."):
        for p, q in (
            ([1, 1, 1], [1, 1, 1]),
            ([2, 1, 1], [2, 1, 1]),
            ([1, 2, 1], [1, 1, 2]),
            ([3, 2, 1], [3, 3]),
            ([1, 1, 1, 1], [2, 2]),
            ([2, 2], [1, 1, 2]),
        ):
            maps = list(product(range(len(q)), repeat=len(p)))
            fitting = [g for g in maps if carried(g, p, len(q)) == q]
            back = sum(one_to_one(g) for g in fitting)
            where = f"With the frequencies {p} and {q},"
            right, with_back = parts(call(function, list(p), list(q)), ("right", "with_way_back"))
            if isinstance(right, list | tuple) or isinstance(with_back, list | tuple):
                raise Hint("These are the maps themselves. How many are they?")
            onto = sum(set(g) == set(range(len(q))) for g in maps)
            same(
                right,
                len(fitting),
                f"the number of right maps for the frequencies {p} and {q}",
                [
                    (
                        len(maps),
                        f"{where} you count all maps. Which of them give each symbol of B the "
                        "frequency that it has?",
                    ),
                    (
                        onto,
                        f"{where} you count the maps that reach every symbol of B. Reached by "
                        "how much?",
                    ),
                    (
                        back,
                        f"{where} you count those with a way back only. May two symbols share a "
                        "place?",
                    ),
                ],
            )
            same(
                with_back,
                back,
                f"the number of right maps with a way back for {p} and {q}",
                [
                    (
                        len(fitting),
                        f"{where} not every right map has a way back. What if two symbols become "
                        "the same one?",
                    ),
                    (
                        sum(map(one_to_one, maps)),
                        f"{where} you count ways back among all maps. Asked are those among the "
                        "right ones.",
                    ),
                ],
            )


def carried(g: Sequence[int], p: Sequence[int], places: int) -> list[int]:
    """Return the frequency that each place gets from a map of symbols."""
    return [sum(weight for place, weight in zip(g, p) if place == k) for k in range(places)]


def one_to_one(g: Sequence[int]) -> bool:
    """Return whether no two symbols go to the same place."""
    return len(set(g)) == len(g)


def translators_loss(function: Callable) -> None:
    """Check exercise 2, ``function(G, F, D_A, D_B, a, b, weight, identity) -> loss``.

    Checked, in this order: the game alone (λ = 0), with the cycles, with the identity terms; each
    time the value and the gradients of both translators.
    """
    with verdict("value and gradients are those of the whole objective."):
        networks = Line(0.8, 0.3), Line(1.4, -0.1), Line(0.6, -0.4), Line(-0.7, 0.2)
        a, b = 2 * torch.rand(2, 3, 1, 4, 4) - 1
        for weight, identity in ((0.0, 0.0), (10.0, 0.0), (10.0, 0.5)):
            loss = tensor(call(function, *networks, a, b, weight, identity), "the loss")
            expect_no_backward(*networks)
            game, cycle, unchanged = objective(*networks, a, b)
            if not weight:
                check_game(loss, *networks, a, b)
            elif not identity:
                check_cycle(loss, game, weight, *networks[:2], a, b)
            else:
                check_identity(loss, game, cycle, unchanged, weight, identity, *networks[:2], a, b)
            total = game + weight * (cycle + identity * unchanged)
            check_slopes(loss, total, *networks[:2])


def distance(image: Tensor, target: Tensor) -> Tensor:
    """Return the mean absolute difference."""
    return (image - target).abs().mean()


def objective(G, F, D_A, D_B, a, b) -> tuple[Tensor, Tensor, Tensor]:
    """Return the game, both cycles, and both identity terms, without weights."""
    fake_b, fake_a = G(a), F(b)
    game = (D_A(fake_a) - 1).square().mean() + (D_B(fake_b) - 1).square().mean()
    cycle = distance(F(fake_b), a) + distance(G(fake_a), b)
    return game, cycle, distance(G(b), b) + distance(F(a), a)


def check_game(loss: Tensor, G, F, D_A, D_B, a, b) -> None:
    """Compare the loss with λ = 0, the game alone."""
    game, cycle, _ = objective(G, F, D_A, D_B, a, b)
    on_a, on_b = D_A(F(b)), D_B(G(a))
    same(
        loss,
        game,
        "the loss with λ = 0",
        [
            (torch.zeros(()), "With λ = 0 nothing is left. Which terms should λ not touch?"),
            (cycle, "With λ = 0 the game is gone and the cycle stays: λ is misplaced."),
            (game + cycle, "With λ = 0 the cycle is still there. Where is its weight?"),
            (
                (D_A(G(a)) - 1).square().mean() + (D_B(F(b)) - 1).square().mean(),
                "Each judge is shown the other domain's fakes.",
            ),
            (
                (D_A(a) - 1).square().mean() + (D_B(b) - 1).square().mean(),
                "The judges are shown real images. Those are none of the translators' making.",
            ),
            (
                on_a.square().mean() + on_b.square().mean(),
                "The translators ask for the scores of fakes.",
            ),
            (
                softplus(-on_a).mean() + softplus(-on_b).mean(),
                "That is the game with the logarithm. The chapter's has least squares.",
            ),
            ((on_a - 1).square().mean(), "Only one translator plays the game: where is G?"),
            ((on_b - 1).square().mean(), "Only one translator plays the game: where is F?"),
            (game / 2, "The game is halved. The one half is for the judges."),
            (game * on_a.numel(), "The scores are added up. A loss should not grow with them."),
            (-game, "The sign is wrong: an optimizer makes a loss small."),
        ],
    )


def check_cycle(loss: Tensor, game: Tensor, weight: float, G, F, a, b) -> None:
    """Compare the loss of game and cycles, when the game is known to be right."""
    back_a, back_b = F(G(a)), G(F(b))
    there, again = distance(back_a, a), distance(back_b, b)
    same(
        loss,
        game + weight * (there + again),
        f"the loss with λ = {weight:g} and no identity term",
        [
            (game, "The cycle is missing."),
            (game + weight * there, "The cycle from B to A and back is missing."),
            (game + weight * again, "The cycle from A to B and back is missing."),
            (
                game + weight * (distance(back_a, b) + distance(back_b, a)),
                "The recovered images are compared with the wrong heap. Where did each journey "
                "begin?",
            ),
            (
                game + weight * (distance(G(a), a) + distance(F(b), b)),
                "The fakes are compared with their inputs. The cycle asks for no likeness on the "
                "way, only after the return.",
            ),
            (
                game + weight * (distance(G(a), b) + distance(F(b), a)),
                "The fakes are compared with the other batch, as if they were pairs.",
            ),
            (
                game + weight * ((back_a - a).square().mean() + (back_b - b).square().mean()),
                "The cycle's differences are squared.",
            ),
            (
                game + weight * ((back_a - a).mean().abs() + (back_b - b).mean().abs()),
                "Differences of opposite sign cancel: mean and absolute value are in the other "
                "order.",
            ),
            (
                game + weight * (there + again) * a.numel(),
                "The cycle's differences are added up, so that λ means something else for every "
                "image size.",
            ),
            (
                game + weight * (there + again) / 2,
                "The two cycles are averaged, and the chapter adds them.",
            ),
            (game - weight * (there + again), "The cycle has the wrong sign: it rewards loss."),
            (
                game + weight * (there + again + distance(G(b), b) + distance(F(a), a)),
                "The identity term should be switched off here. Where is its weight?",
            ),
        ],
    )


def check_identity(
    loss: Tensor, game, cycle, unchanged, weight: float, identity: float, G, F, a, b
) -> None:
    """Compare the whole loss, when game and cycles are known to be right."""
    known = game + weight * cycle
    same(
        loss,
        known + weight * identity * unchanged,
        f"the loss with λ = {weight:g} and the identity weight {identity:g}",
        [
            (known, "The identity term is missing."),
            (
                known + weight * identity * (distance(G(a), a) + distance(F(b), b)),
                "The identity term asks that a translator change nothing. It should ask so only "
                "for images that are in the right domain already.",
            ),
            (
                known + weight * identity * (distance(G(a), b) + distance(F(b), a)),
                "The identity term compares the two batches, which are no pairs.",
            ),
            (
                known + identity * unchanged,
                "The identity term's weight is a fraction of the cycle's.",
            ),
            (
                known + weight * unchanged,
                "The identity term counts as much as the cycle; its own weight is not used.",
            ),
            (known + weight * identity * distance(G(b), b), "The identity term of F is missing."),
            (known + weight * identity * distance(F(a), a), "The identity term of G is missing."),
            (
                known + weight * identity * unchanged / 2,
                "The two identity terms are averaged, and the chapter adds them.",
            ),
        ],
    )


def check_slopes(loss: Tensor, total: Tensor, G: nn.Module, F: nn.Module) -> None:
    """Compare the gradients of G and F, when the value is known to be right."""
    for name, network in (("G", G), ("F", F)):
        (found,) = gradients(loss, network.parameters(), "the loss", name)
        (right,) = torch.autograd.grad(total, network.parameters(), retain_graph=True)
        if not torch.allclose(found, right, rtol=1e-4, atol=1e-6):
            raise Hint(
                f"The value is right, but not every term teaches {name}. Which fake was cut from "
                "its graph, and which translator is then on one way of a journey only?"
            )


def show_fakes(function: Callable) -> None:
    """Check exercise 3, ``function(stored, fakes, capacity) -> shown``.

    ``stored`` is a list of images that the function fills and changes, ``fakes`` a batch
    (N, C, H, W). Checked: filling, detaching, the size, that half of the images are old, and that
    an old image leaves its place, drawn evenly, to the new one.
    """
    with verdict("half of what the judge sees is old, and all of it is constant."):
        stored: list[Tensor] = []
        fakes = torch.arange(3.0).view(3, 1, 1, 1).requires_grad_()
        shown = tensor(call(function, stored, fakes * 1, 5, fills=stored), "what is shown")
        if shown.shape != fakes.shape:
            raise Hint(
                f"Three fakes {tuple(fakes.shape)} become {tuple(shown.shape)}. The judge is shown "
                "as many images as were made."
            )
        if shown.requires_grad:
            raise Hint("What is shown still hangs on the generator's graph.")
        if not torch.equal(shown, fakes):
            raise Hint("While the buffer is not full, every image is shown as it is.")
        if len(stored) != 3:
            raise Hint(f"An empty buffer with room for 5 has stored {len(stored)} of 3 images.")
        if any(image.requires_grad for image in map(tensor, stored)):
            raise Hint("What is stored still hangs on the generator's graph, and keeps it alive.")
        dates = torch.arange(3.0, 9.0).view(-1, 1, 1, 1)
        call(function, stored, dates, 5, fills=stored)
        if len(stored) != 5:
            raise Hint(
                f"With room for 5, {len(stored)} are stored after batches of 3 and 6. Take the "
                "images of a batch one after the other."
            )
        check_exchange(function)


def check_exchange(function: Callable, capacity: int = 5, rounds: int = 1000) -> None:
    """Query a full buffer with one image at a time, whose value is its date."""
    stored = [torch.full((1, 1, 1), float(date)) for date in range(capacity)]
    slots = torch.zeros(capacity)
    old = 0
    for date in range(capacity, capacity + rounds):
        before = [image.flatten().item() for image in stored]
        new = torch.full((1, 1, 1, 1), float(date))
        shown = tensor(call(function, stored, new, capacity, fills=stored), "what is shown")
        if shown.shape != new.shape:
            raise Hint(f"For one new image {tuple(new.shape)}, {tuple(shown.shape)} are shown.")
        value = shown.item()
        after = [image.flatten().item() for image in stored]
        if len(after) > capacity:
            raise Hint(f"The buffer has room for {capacity} and holds {len(after)} images.")
        if value == date:
            if after != before:
                raise Hint("The new image is shown, and stored as well: so an old one is lost.")
            continue
        if value not in before:
            raise Hint("What is shown is neither the new image nor a stored one.")
        old += 1
        slots[before.index(value)] += 1
        if value in after:
            raise Hint("An old image is shown and stays. Whose place does the new one take?")
        if date not in after:
            raise Hint("An old image is shown and leaves, but the new one is not stored.")
        if len(after) < capacity:
            raise Hint("The buffer becomes smaller each time an old image is shown.")
    if not 0.4 < old / rounds < 0.6:
        raise Hint(
            f"A full buffer shows an old image in {old / rounds:.0%} of the cases. How does a coin "
            "fall?"
        )
    if slots.max() > 2 * slots.mean() or slots.min() < slots.mean() / 2:
        raise Hint(
            f"Of {old} old images, {slots.int().tolist()} came from each of the {capacity} "
            "places. Every place should have its chance."
        )
    many = torch.arange(40.0).view(-1, 1, 1, 1) + capacity + rounds
    shown = tensor(call(function, stored, many, capacity, fills=stored), "what is shown")
    if shown.shape == many.shape and (shown == many).float().mean().item() in (0.0, 1.0):
        raise Hint("A batch is shown all new or all old. Toss the coin for each image.")
