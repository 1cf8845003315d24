"""Chapter 12's checks: right answers, typical wrong ones and the hint for each."""

import pytest
import torch

from ganbook.check import scaling as check


def factor_of_the_rest(unchanged, overall):
    return (1 - unchanged) / (1 / overall - unchanged)


def amdahl(unchanged, factor):
    return 1 / (unchanged + (1 - unchanged) / factor)


def accumulate(network, loss_of, parts, weigh=None, clear="first", total=None):
    """Gradients in parts; `weigh(part, parts)` is the factor of a part's loss."""
    images = sum(len(part) for part in parts)
    weigh = weigh or (lambda part, parts: len(part) / images)
    if clear == "first":
        network.zero_grad()
    mean = 0.0
    for part in parts:
        if clear == "each":
            network.zero_grad()
        loss = loss_of(network(part)) * weigh(part, parts)
        loss.backward()
        mean += loss.item()
    return mean if total is None else total(loss, mean)


def by_division_at_the_end(network, loss_of, parts):
    network.zero_grad(set_to_none=False)
    images, total = sum(map(len, parts)), torch.zeros(())
    for part in parts:
        loss = loss_of(network(part)) * len(part)
        loss.backward()
        total += loss.detach()
    for parameter in network.parameters():
        parameter.grad /= images
    return total / images


def bytes_sent(numbers, processes, bytes_each):
    return 2 * (processes - 1) * numbers * bytes_each / processes


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (check.factor_of_the_rest, factor_of_the_rest),
        (check.factor_of_the_rest, lambda u, o: (1 - u) * o / (1 - u * o)),
        (check.accumulate, accumulate),
        (check.accumulate, by_division_at_the_end),
        (check.bytes_sent, bytes_sent),
        (check.bytes_sent, lambda n, p, b: 2 * (p - 1) * (n // p) * b),
    ],
)
def test_right(said, exercise, answer):
    assert said(exercise, answer).startswith("Right: ")


@pytest.mark.parametrize("exercise", [check.factor_of_the_rest, check.accumulate, check.bytes_sent])
def test_missing_or_broken(neither_missing_nor_broken, exercise):
    neither_missing_nor_broken(exercise)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (amdahl, "you go forward"),
        (lambda u, o: u / (1 / o - (1 - u)), "which share became faster?"),
        (lambda u, o: 1 / (1 / o - u), "How long did it take before?"),
        (lambda u, o: 1 / factor_of_the_rest(u, o), "turn it over"),
        (lambda u, o: o / (1 - u), "not shared out like that"),
        (lambda u, o: (o - u) / (1 - u), "factors do not average"),
        (lambda u, o: 1 / u, "the limit"),
        (lambda u, o: (1 - u) * o, "times add and factors do not"),
        (lambda u, o: 3.0, "everything would then be 2.5 times as fast"),
        (lambda u, o: 0.0, "A factor of speed is positive"),
        (lambda u, o: -2.0, "A factor of speed is positive"),
        (lambda u, o: [u, o], "must be a number"),
    ],
)
def test_wrong_factors(refused, answer, hint):
    refused(check.factor_of_the_rest, answer, hint, ["13.5", "1 / overall", "(1 −"])


def changed(**change):
    return lambda *given: accumulate(*given, **change)


def all_at_once(network, loss_of, parts):
    network.zero_grad()
    loss = loss_of(network(torch.cat(parts)))
    loss.backward()
    return loss.item()


def with_step(network, loss_of, parts):
    loss = accumulate(network, loss_of, parts)
    torch.optim.SGD(network.parameters(), lr=0.1).step()
    return loss


def cleared_at_the_end(network, loss_of, parts):
    loss = accumulate(network, loss_of, parts)
    network.zero_grad()
    return loss


def no_backward(network, loss_of, parts):
    network.zero_grad()
    return sum(loss_of(network(part)).item() * len(part) / 10 for part in parts)


def zeros_at_the_end(network, loss_of, parts):
    loss = accumulate(network, loss_of, parts)
    network.zero_grad(set_to_none=False)
    return loss


def first_part(network, loss_of, parts):
    network.zero_grad()
    loss = loss_of(network(parts[0]))
    loss.backward()
    return loss.item()


def with_graph(network, loss_of, parts):
    network.zero_grad()
    total = 0.0
    for part in parts:
        loss = loss_of(network(part)) * len(part) / 10
        loss.backward()
        total += loss
    return total


def every_graph(network, loss_of, parts):
    network.zero_grad()
    loss = sum(loss_of(network(part)) * len(part) / 10 for part in parts)
    loss.backward()
    return loss.item()


def joined(network, loss_of, parts):
    network.zero_grad()
    loss = loss_of(torch.cat([network(part) for part in parts]))
    loss.backward()
    return loss.item()


def empties(network, loss_of, parts):
    loss = accumulate(network, loss_of, parts)
    parts.clear()
    return loss


def leaves_frozen(network, loss_of, parts):
    loss = accumulate(network, loss_of, parts)
    network.requires_grad_(False)
    return loss


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (changed(weigh=lambda part, parts: 1), "all of it is too large"),
        (changed(weigh=lambda part, parts: 1 / len(parts)), "twice the say"),
        (changed(weigh=lambda part, parts: 0.1), "a mean over that part already"),
        (changed(weigh=lambda part, parts: len(part)), "by the number of all"),
        (changed(clear="each"), "Only the last part is left"),
        (changed(clear="never"), "What an earlier step left"),
        (changed(clear="never", weigh=lambda part, parts: 1), "What an earlier step left"),
        (first_part, "Only the first part"),
        (all_at_once, "A batch of 10 went through"),
        (with_step, "The weights have moved"),
        (cleared_at_the_end, "No gradient is left"),
        (zeros_at_the_end, "all 0"),
        (no_backward, "No gradient is left"),
        (changed(total=lambda loss, mean: loss.item()), "is the last part's"),
        (changed(total=lambda loss, mean: 3 * mean), "the loss returned is too large".capitalize()),
        (with_graph, "still hangs on the graph"),
        (every_graph, "The graphs of 3 batches are alive at once"),
        (joined, "The graphs of 3 batches are alive at once"),
        (empties, "changes a list that it was given"),
        (leaves_frozen, "frozen than before"),
    ],
)
def test_wrong_accumulation(refused, answer, hint):
    refused(check.accumulate, answer, hint, ["len(", "/ 10", "detach"])


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda n, p, b: bytes_sent(n, p, b) / 2, "And then?"),
        (lambda n, p, b: bytes_sent(n, p, 1), "you count numbers"),
        (lambda n, p, b: 8 * bytes_sent(n, p, b), "you count bits"),
        (lambda n, p, b: p * bytes_sent(n, p, b), "all send together"),
        (lambda n, p, b: (p - 1) * n * b, "everything to everyone"),
        (lambda n, p, b: 2 * (p - 1) * n * b, "how long is one of them?"),
        (lambda n, p, b: 2 * n * b, "the limit for many processes"),
        (lambda n, p, b: (2 * p - 1) * n * b / p, "one round too many"),
        (lambda n, p, b: n * b, "sends its vector once"),
        (lambda n, p, b: 2 * n * b / p, "one piece, twice"),
        (lambda n, p, b: 0, "too small"),
        (lambda n, p, b: [n], "must be a number"),
    ],
)
def test_wrong_bytes(refused, answer, hint):
    refused(check.bytes_sent, answer, hint, ["800", "1.6", "p - 1", "2 (n"])
