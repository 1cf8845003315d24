"""One verdict on an answer: right, not answered yet, or a hint; and the call of a reader's code."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from textwrap import fill

import torch
from torch import Tensor, nn


class Hint(Exception):
    """What a reader is told whose answer is not right yet: one or two sentences."""


class Unanswered(Hint):
    """The answer is still to be written."""


@contextmanager
def verdict(praise: str) -> Iterator[None]:
    """Print one verdict on what happens in the ``with`` block: ``praise``, or the hint raised.

    Inside, random numbers start from a fixed seed and gradients are on. The random numbers of the
    reader's notebook go on afterwards as if the check had drawn none.
    """
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(0)
        try:
            yield
            said = f"Right: {praise}"
        except Unanswered as hint:
            said = f"Not answered yet: {hint}"
        except Hint as hint:
            hint = str(hint)
            first = hint[:1].upper() if hint[:1].isascii() else hint[:1]  # ε stays ε
            said = f"Not yet: {first}{hint[1:]}"
    print(fill(said, 80, break_long_words=False, break_on_hyphens=False))


def call(function: Callable, *arguments, returns: bool = True, fills: list | None = None, **named):
    """Call a reader's function, class or network; return what it gives.

    Args:
        function: what the reader wrote.
        arguments: passed on; so is ``named``.
        returns: whether it must return something; False for a function that only acts, as a
            training step does. See :func:`unanswered` for those.
        fills: the one list among the arguments that the function is meant to change.

    Raises:
        Hint: it is no function, it raises, it changes a tensor or a list that it was given, or it
            leaves a network frozen or in another mode.
        Unanswered: it returns None or ``...``.
    """
    if function is None or function is ...:
        raise Unanswered("write your answer in the cell above.")
    if not callable(function):
        kind = type(function).__name__
        raise Hint(
            f"The check wants the function itself and got a value of type {kind}: pass its "
            "name without brackets."
        )
    values = [*arguments, *named.values()]
    lists = [(value, list(value)) for value in values if isinstance(value, list)]
    lists = [(value, copy) for value, copy in lists if value is not fills]
    given = values + [value for _, copy in lists for value in copy]
    tensors = [(v, v.detach().clone(), v.requires_grad) for v in given if isinstance(v, Tensor)]
    networks = [(v, state(v)) for v in given if isinstance(v, nn.Module)]
    try:
        answer = function(*arguments, **named)
    except Exception as error:
        raise Hint(stopped(function, error)) from None
    if returns and (answer is None or answer is ...):
        raise unanswered(function)
    for value, copy in lists:
        if len(value) != len(copy) or any(a is not b for a, b in zip(value, copy)):
            raise Hint(
                f"{shown(function)} changes a list that it was given, so the caller's list "
                "changes, too. Look for `x[…] =` or a method such as `pop`, `sort` or `reverse`."
            )
    for value, copy, _ in tensors:
        if not torch.equal(value.detach().nan_to_num(), copy.nan_to_num()):
            raise Hint(
                f"{shown(function)} changes a tensor that it was given, so the caller's data "
                "change, too. Look for `+=`, `x[…] =` or a method whose name ends in `_`."
            )
    if any(value.requires_grad != before for value, _, before in tensors):
        raise Hint(
            f"{shown(function)} switches gradients on or off for a tensor that it was given, and "
            "so for its caller. Look for a method whose name ends in `_`."
        )
    for network, (learns, mode) in networks:
        if state(network)[0] != learns:
            raise Hint(
                f"{shown(function)} leaves a network with other parameters frozen than before. "
                "Whoever freezes one for a while thaws it again."
            )
        if state(network)[1] != mode:
            raise Hint(
                f"{shown(function)} leaves a network in another mode than it found it in. Look "
                "for `eval` and `train`."
            )
    return answer


def state(network: nn.Module) -> tuple[list[bool], list[bool]]:
    """Return which parameters of a network learn, and which of its modules are in training mode."""
    learns = [parameter.requires_grad for parameter in network.parameters()]
    return learns, [module.training for module in network.modules()]


def shown(function: Callable) -> str:
    """Return how a function, a class or a network is called in a sentence."""
    return f"`{getattr(function, '__name__', type(function).__name__)}`"


def unanswered(function: Callable, returns: bool = True) -> Unanswered:
    """Return the exception that says where the answer belongs; ``returns`` as for :func:`call`."""
    if not returns:
        return Unanswered(f"{shown(function)} does nothing. Write your code in place of the dots.")
    return Unanswered(
        f"{shown(function)} returns nothing. Write your code in place of the dots, and end it "
        "with `return`."
    )


def stopped(function: Callable, error: Exception) -> str:
    """Return a hint with an error's type and message, and the reader's line if it is known."""
    code = getattr(function, "__code__", None)
    if code is None:  # of a class or a network, any method tells the file; not of PyTorch's own
        made = function if isinstance(function, type) else type(function)
        own = [] if made.__module__.startswith("torch.") else vars(made).values()
        code = next((method.__code__ for method in own if hasattr(method, "__code__")), None)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.line for frame in frames if code and frame.filename == code.co_filename]
    message = " ".join(str(error).split())
    message = message if len(message) <= 200 else message[:200] + " …"
    where = f", in the line `{lines[-1]}`" if lines and lines[-1] else ""
    return f"{shown(function)} stopped{where} with {type(error).__name__}: {message}"
