"""Chapter 6's checks: right answers, typical wrong ones and the hint for each."""

import math

import pytest
import torch

from ganbook.check import conditional as check


def right_sizes(classes, length):
    return sum(classes) * length, math.prod(classes) * length


@pytest.mark.parametrize("answer", [right_sizes, lambda *v: list(right_sizes(*v))])
def test_right_sizes(said, answer):
    assert said(check.table_sizes, answer).startswith("Right: ")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda *v: right_sizes(*v)[::-1], "are the two swapped?"),
        (lambda c, n: (sum(c), math.prod(c)), "Your first value counts rows"),
        (lambda c, n: (sum(c) * n, math.prod(c)), "Your second value counts rows"),
        (lambda c, n: (len(c) * n, math.prod(c) * n), "one row for each table"),
        (lambda c, n: (sum(c) + n, math.prod(c) * n), "add, or multiply?"),
        (lambda c, n: (sum(c) * n, math.prod(k * n for k in c)), "each row is one vector"),
        (lambda c, n: (sum(c) * n, math.prod(c) * len(c) * n), "each row is one vector"),
        (lambda c, n: (sum(c) * n, sum(c) * n), "How many combinations are there?"),
        (lambda c, n: sum(c) * n, "Return 2 values"),
    ],
)
def test_wrong_sizes(refused, answer, hint):
    refused(check.table_sizes, answer, hint, ["512", "6624", "sum(", "prod("])


def right_logit(features, weight, bias, vectors, labels):
    return features @ weight + bias + (features * vectors[labels]).sum(dim=1)


def by_einsum(features, weight, bias, vectors, labels):
    return torch.einsum("nf,nf->n", features, weight + vectors[labels]) + bias


@pytest.mark.parametrize("answer", [right_logit, by_einsum])
def test_right_logit(said, answer):
    assert said(check.projection_logit, answer).startswith("Right: ")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda x, w, b, v, y: x @ w + b, "The labels play no part yet"),
        (lambda x, w, b, v, y: (x * v[y]).sum(1), "Only the match is there"),
        (lambda x, w, b, v, y: x @ w + (x * v[y]).sum(1), "too small by the same number"),
        (lambda x, w, b, v, y: x @ w + b + v[y].sum(1), "they never meet in a product"),
        (lambda x, w, b, v, y: (x @ w + b)[:, None] + x @ v.T, "a logit for each class"),
        (lambda x, w, b, v, y: (x @ w + b)[:, None] + x @ v[y].T, "labels of the whole batch"),
        (lambda x, w, b, v, y: x @ w + b + x @ v[y].T, "labels of the whole batch"),
        (lambda x, w, b, v, y: (x @ w + b)[:, None] + x * v[y], "not added up yet"),
        (lambda x, w, b, v, y: x @ w + b + (x * v[y]).mean(1), "a sum, not a mean"),
        (lambda x, w, b, v, y: x @ w + b - (x * v[y]).sum(1), "match has the wrong sign"),
        (lambda x, w, b, v, y: x @ w + b + (x * v[: len(x)]).sum(1), "stopped"),
        (
            lambda x, w, b, v, y: right_logit(x, w, b, v, y)[:, None],
            "differ by dimensions of length 1",
        ),
    ],
)
def test_wrong_logit(refused, answer, hint):
    secrets = [] if hint == "stopped" else ["vectors[labels]", "features *", "@"]
    refused(check.projection_logit, answer, hint, secrets)


def test_vectors_in_order(refused):
    def answer(x, w, b, v, y):
        own = v if len(v) == len(x) else v[y]
        return x @ w + b + (x * own).sum(dim=1)

    refused(check.projection_logit, answer, "The vectors are taken in order")


def right_forget(labels, classes, probability):
    dropped = torch.rand(labels.shape) < probability
    return torch.where(dropped, torch.tensor(classes) - 1, labels)


def with_clone(labels, classes, probability):
    labels = labels.clone()
    for k, count in enumerate(classes):
        labels[torch.rand(len(labels)) < probability, k] = count - 1
    return labels


@pytest.mark.parametrize("answer", [right_forget, with_clone])
def test_right_forget(said, answer):
    assert said(check.forget, answer).startswith("Right: ")


def in_place(labels, classes, probability):
    labels[torch.rand(labels.shape) < probability] = 0
    return labels


def shaped(*shape):
    def answer(labels, classes, probability):
        rows = [len(labels) if size is None else size for size in shape]
        return torch.where(torch.rand(rows) < probability, torch.tensor(classes) - 1, labels)

    return answer


def seeded(labels, classes, probability):
    torch.manual_seed(3)
    return right_forget(labels, classes, probability)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (in_place, "changes a tensor that it was given"),
        (lambda y, c, p: right_forget(y, [k + 1 for k in c], p), "some labels become 4"),
        (lambda y, c, p: right_forget(y, c, 1 - p), "the wrong way round"),
        (lambda y, c, p: right_forget(y, c, p / 2), "a share of 0.10 is left open"),
        (lambda y, c, p: right_forget(y, c, p).float(), "have become torch.float32"),
        (lambda y, c, p: right_forget(y, c, p)[:, 0], "and (4000,) come out"),
        (lambda y, c, p: y, "no label was left open"),
        (shaped(None, 1), "All labels of a row are left open together"),
        (lambda y, c, p: (torch.tensor(c) - 1).expand(y.shape), "Draw for each label"),
        (
            lambda y, c, p: torch.where(torch.tensor([True, False, False]), torch.tensor(c) - 1, y),
            "Whole columns are left open",
        ),
        (seeded, "Each call leaves the same labels open"),
        (lambda y, c, p: right_forget(y, c, 0.2), "For probability 0 the result is wrong"),
        (lambda y, c, p: right_forget(y, c, p).tolist(), "must be a tensor"),
    ],
)
def test_wrong_forget(refused, answer, hint):
    refused(check.forget, answer, hint, ["torch.where", "torch.rand", "- 1", "classes["])


@pytest.mark.parametrize("name", ["table_sizes", "projection_logit", "forget"])
def test_missing_and_broken(neither_missing_nor_broken, name):
    neither_missing_nor_broken(getattr(check, name))


def test_a_class_without_an_image(refused):
    def answer(features, weight, bias, vectors, labels):
        own = torch.nn.functional.one_hot(labels).float() @ vectors
        return features @ weight + bias + (features * own).sum(dim=1)

    refused(check.projection_logit, answer, "stopped")


def test_the_last_class_is_not_in_the_data(refused):
    def answer(labels, classes, probability):
        dropped = torch.rand(labels.shape) < probability
        return torch.where(dropped, labels.max(dim=0).values + 1, labels)

    refused(check.forget, answer, "Which number has the last class?")


def test_sizes_in_an_array(said):
    answer = lambda *given: torch.tensor(right_sizes(*given))  # noqa: E731
    assert said(check.table_sizes, answer).startswith("Right: ")
