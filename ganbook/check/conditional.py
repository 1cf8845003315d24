"""Checks of chapter 6: rows of tables, the projection's logit, labels that are left open."""

import math
from collections.abc import Callable

import torch

from ganbook.check.values import parts, same, tensor
from ganbook.check.verdict import Hint, call, verdict


def table_sizes(function: Callable) -> None:
    """Check exercise 1, ``function(classes, length) -> (separate, single)``.

    Checked: the numbers in one table for each attribute together, and in a single table with a
    row for each combination.
    """
    with verdict("so the separate tables are the smaller by far, and each row is seen more often."):
        for classes, length in (((3, 4), 5), ((3, 6, 23), 16), ((10,), 8)):
            found = parts(call(function, classes, length), ["separate tables", "a single table"])
            separate, single = sum(classes) * length, math.prod(classes) * length
            where = f"of {list(classes)} classes and vectors of length {length}"
            same(
                found[0],
                separate,
                f"the first value ({where})",
                [
                    (single, "Your first value is that of a single table: are the two swapped?"),
                    (sum(classes), "Your first value counts rows. How many numbers has a row?"),
                    (len(classes) * length, "Your first value counts one row for each table."),
                    (sum(classes) + length, "Each row has its own numbers: add, or multiply?"),
                ],
            )
            same(
                found[1],
                single,
                f"the second value ({where})",
                [
                    (math.prod(classes), "Your second value counts rows, not numbers."),
                    (
                        single * length ** (len(classes) - 1),
                        "In a single table each row is one vector, however many attributes it "
                        "stands for.",
                    ),
                    (
                        single * len(classes),
                        "In a single table each row is one vector, however many attributes it "
                        "stands for.",
                    ),
                    (separate, "Your second value adds. How many combinations are there?"),
                ],
            )


def projection_logit(function: Callable) -> None:
    """Check exercise 2, ``function(features, weight, bias, vectors, labels) -> logits``.

    Shapes: ``(N, F)``, ``(F,)``, a number, ``(K, F)``, ``(N,)``; the logits are ``(N,)``. Checked:
    the linear score of each image plus the product of its features with its own label's vector.
    """
    with verdict("it scores the image, and it scores how the image fits its label."):
        for n, k, f in ((5, 3, 4), (4, 4, 4), (3, 6, 4)):  # in the last, classes without an image
            features, weight, vectors = torch.randn(n, f), torch.randn(f), torch.randn(k, f)
            labels, bias = torch.arange(n).flip(0) % k, 0.7
            score, own = features @ weight + bias, vectors[labels]
            match = (features * own).sum(dim=1)
            right = score + match
            slips = [
                (score, "The labels play no part yet."),
                (match, "Only the match is there. What judges the image itself is missing."),
                (right - bias, "Every logit is too small by the same number."),
                (
                    score + own.sum(dim=1),
                    "Features and vector only stand side by side and are added: they never meet "
                    "in a product.",
                ),
                (
                    score[:, None] + features @ vectors.T,
                    "You return a logit for each class. Each image has one label of its own.",
                ),
                (
                    score[:, None] + features @ own.T,
                    "Every image is matched with the labels of the whole batch. A matrix product "
                    "does more than is asked here.",
                ),
                (
                    score + features @ own.T,
                    "Every image is matched with the labels of the whole "
                    "batch, and then shapes are broadcast.",
                ),
                (score[:, None] + features * own, "The products are not added up yet."),
                (
                    score + (features * own).mean(dim=1),
                    "The match is too weak: an inner product is a sum, not a mean.",
                ),
                (score - match, "The match has the wrong sign: a good match should raise it."),
            ]
            if n == k:
                inner = (features * vectors).sum(dim=1)
                slips.append((score + inner, "The vectors are taken in order, not by the labels."))
            found = call(function, features, weight, bias, vectors, labels)
            same(found, right, "the vector of logits", slips)


def forget(function: Callable) -> None:
    """Check exercise 5, ``function(labels, classes, probability) -> labels``, ``(N, A)`` int64.

    Checked: each label by itself is replaced with the given probability by its attribute's last
    class, drawn anew at each call; 0 replaces nothing, 1 everything; the input is left alone.
    """
    with verdict("each label is left open by itself, now and then, and the rest is kept."):
        classes, probability = (4, 7, 24), 0.2
        last = torch.tensor(classes) - 1
        labels = torch.stack([torch.randint(count - 2, (4000,)) for count in classes], dim=1)
        found = tensor(call(function, labels, classes, probability), "what you return")
        if found.shape != labels.shape:
            raise Hint(f"Labels (4000, 3) go in, and {tuple(found.shape)} come out.")
        if found.is_floating_point() or found.dtype == torch.bool:
            raise Hint(f"The labels have become {found.dtype}; an embedding wants whole numbers.")
        changed = found != labels
        if not changed.any():
            raise Hint("With probability 0.2 and 4000 rows no label was left open.")
        wrong = changed & (found != last)
        if wrong.any():
            column = int(wrong.any(dim=0).nonzero()[0])
            value = int(found[:, column][wrong[:, column]][0])
            raise Hint(
                f"In column {column}, with {classes[column]} classes counted from 0, some labels "
                f"become {value}. Which number has the last class?"
            )
        share, rows = changed.double().mean().item(), changed.all(dim=1).double().mean().item()
        if rows > 0.9:
            raise Hint("Either the whole batch is left open or nothing is. Draw for each label.")
        if abs(share - (1 - probability)) < 0.03:
            raise Hint("It is the wrong way round: most labels are left open, and few are kept.")
        if rows > 0.5 * share:
            raise Hint("All labels of a row are left open together. Draw for each label by itself.")
        if (changed.double().mean(dim=0) > 0.9).any():
            raise Hint("Whole columns are left open. Draw for each row by itself, too.")
        if abs(share - probability) > 0.03:
            raise Hint(f"For probability 0.2 a share of {share:.2f} is left open.")
        again = call(function, labels, classes, probability)
        if torch.equal(again, found):
            raise Hint("Each call leaves the same labels open. They should be drawn anew.")
        for edge, wanted in ((0.0, labels), (1.0, last.expand(4000, 3))):
            if not torch.equal(call(function, labels, classes, edge), wanted):
                raise Hint(f"For probability {edge:.0f} the result is wrong.")
