"""One verdict on an answer: right, not answered yet, or a hint; and the call of a reader's code."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from textwrap import fill

import torch
from torch import Tensor


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


def call(function: Callable, *arguments, returns: bool = True, **named):
    """Call a reader's function, class or network; return what it gives.

    Args:
        function: what the reader wrote.
        arguments: passed on; so is ``named``.
        returns: whether it must return something; False for a function that only acts, as a
            training step does. See :func:`unanswered` for those.

    Raises:
        Hint: it is no function, it raises, or it changes a tensor that it was given.
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
    given = [value for value in (*arguments, *named.values()) if isinstance(value, Tensor)]
    copies = [value.detach().clone() for value in given]
    try:
        answer = function(*arguments, **named)
    except Exception as error:
        raise Hint(stopped(function, error)) from None
    if returns and (answer is None or answer is ...):
        raise unanswered(function)
    for value, copy in zip(given, copies):
        if not torch.equal(value.detach().nan_to_num(), copy.nan_to_num()):
            raise Hint(
                f"{shown(function)} changes a tensor that it was given, so the caller's data "
                "change, too. Look for `+=`, `x[…] =` or a method whose name ends in `_`."
            )
    return answer


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
