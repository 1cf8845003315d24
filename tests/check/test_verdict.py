"""One verdict, and what becomes of a reader's errors."""

import pytest
import torch
from torch import nn

from ganbook.check.verdict import Hint, Unanswered, call, shown, unanswered, verdict


@pytest.mark.parametrize(
    ("raised", "printed"),
    [
        (None, "Right: well done.\n"),
        (Hint("the sum is wrong."), "Not yet: The sum is wrong.\n"),
        (Hint("`f` stopped."), "Not yet: `f` stopped.\n"),
        (Hint("ε is swapped."), "Not yet: ε is swapped.\n"),
        (Unanswered("the mean is missing."), "Not answered yet: the mean is missing.\n"),
    ],
)
def test_one_verdict_is_printed(capsys, raised, printed):
    with verdict("well done."):
        if raised:
            raise raised
    assert capsys.readouterr().out == printed


def test_long_verdicts_are_folded(capsys):
    with verdict("word " * 40):
        pass
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and max(map(len, lines)) <= 80


def test_an_error_of_the_check_itself_is_not_hidden():
    with pytest.raises(ZeroDivisionError), verdict("no"):
        1 / 0  # noqa: B018


def test_random_numbers_are_the_same_each_time_and_the_readers_go_on(capsys):
    drawn = []
    torch.manual_seed(5)
    expected = torch.rand(2)
    torch.manual_seed(5)
    for _ in range(2):
        with verdict("yes"):
            drawn.append(torch.rand(2))
    assert torch.equal(*drawn) and torch.equal(torch.rand(2), expected)


def test_gradients_are_on_inside(capsys):
    with torch.no_grad(), verdict("yes"):
        assert (torch.ones(1, requires_grad=True) * 2).requires_grad


def test_call_passes_on_and_returns():
    assert call(lambda a, b, c=0: (a, b, c), 1, 2, c=3) == (1, 2, 3)
    assert call(lambda: None, returns=False) is None
    assert call(nn.Linear(2, 3), torch.zeros(4, 2)).shape == (4, 3)


def misses(): ...


def dots():
    return ...


@pytest.mark.parametrize("function", [misses, dots])
def test_nothing_returned_is_not_answered(function):
    with pytest.raises(Unanswered, match=f"`{function.__name__}` returns nothing"):
        call(function)


@pytest.mark.parametrize("value", [None, ...])
def test_no_function_is_not_answered(value):
    with pytest.raises(Unanswered, match="write your answer"):
        call(value)


def test_a_value_is_no_function():
    with pytest.raises(Hint, match=r"got a value of type Tensor: .* without brackets"):
        call(torch.zeros(2), 3)


def divides(x):
    y = 2 * x
    return y / 0


class Network(nn.Module):
    """A reader's network with a wrong layer."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 1)

    def forward(self, x):
        return self.layer(x)


class Broken:
    """A reader's class that cannot be made."""

    def __init__(self, size):
        raise ValueError(f"no {size}")


@pytest.mark.parametrize(
    ("function", "argument", "hint"),
    [
        (divides, 1, "`divides` stopped, in the line `return y / 0` with ZeroDivisionError: div"),
        (
            Network(),
            torch.zeros(2, 2),
            "`Network` stopped, in the line `return self.layer(x)` with",
        ),
        (Broken, 7, '`Broken` stopped, in the line `raise ValueError(f"no {size}")` with Value'),
        (nn.Linear(3, 1), torch.zeros(2, 2), "`Linear` stopped with RuntimeError"),
        (lambda: 1, 1, "`<lambda>` stopped with TypeError"),
        (len, 3, "`len` stopped with TypeError: object of type 'int' has no len()"),
    ],
)
def test_an_error_becomes_a_hint(function, argument, hint):
    with pytest.raises(Hint) as caught:
        call(function, argument)
    assert str(caught.value).startswith(hint)


def test_a_long_message_is_cut():
    def shouts():
        raise KeyError("word " * 100)

    with pytest.raises(Hint) as caught:
        call(shouts)
    assert str(caught.value).endswith("…") and len(str(caught.value)) < 400


def test_an_interrupt_is_none_of_ours():
    def waits():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(waits)


def adds(x, y):
    x += y
    return x


def sets_nothing(x, y):
    x[0] = x[0]
    return x + y


def test_a_changed_input_is_a_hint():
    with pytest.raises(Hint, match=r"`adds` changes a tensor that it was given"):
        call(adds, torch.zeros(2), torch.ones(2))
    with pytest.raises(Hint, match="changes a tensor"):
        call(adds, x=torch.zeros(2), y=torch.ones(2))
    nan = torch.tensor([float("nan"), 1.0])
    assert call(sets_nothing, nan, torch.ones(2))[1] == 2


def test_names():
    assert shown(divides) == "`divides`" and shown(Network()) == shown(Network) == "`Network`"
    assert str(unanswered(divides)).startswith("`divides` returns nothing. Write your code")
    assert str(unanswered(divides, returns=False)).startswith("`divides` does nothing. Write")


@pytest.mark.parametrize("change", [list.pop, list.reverse, lambda x: x.append(4), list.clear])
def test_a_changed_list_is_a_hint(change):
    with pytest.raises(Hint, match="changes a list that it was given"):
        call(lambda x: change(x) or 1, [1, 2, 3])
    stored = [1, 2, 3]
    assert call(lambda x: change(x) or 1, stored, fills=stored)


def test_a_changed_tensor_in_a_list_is_a_hint():
    with pytest.raises(Hint, match="changes a tensor"):
        call(lambda x: x[0].zero_(), [torch.ones(2)])


@pytest.mark.parametrize("change", [torch.Tensor.detach_, lambda x: x.requires_grad_(False)])
def test_gradients_switched_off_are_a_hint(change):
    for value in (torch.ones(2), [torch.ones(2)]):
        (value if torch.is_tensor(value) else value[0]).requires_grad_()
        with pytest.raises(Hint, match="switches gradients on or off"):
            call(lambda x: change(x if torch.is_tensor(x) else x[0]), value)


def test_a_network_is_to_be_left_as_it_was():
    network = nn.Sequential(nn.Linear(2, 2), nn.Dropout())
    with pytest.raises(Hint, match="another mode"):
        call(nn.Module.eval, network)
    assert call(nn.Module.eval, network) is network
    with pytest.raises(Hint, match="frozen than before"):
        call(lambda n: n.requires_grad_(False), network)
