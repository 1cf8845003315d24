"""Compare a reader's value with the right one, and say how it differs: never what it should be."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ganbook.check.verdict import Hint, Unanswered


def same(
    found,
    expected: Tensor | float,
    what: str = "the answer",
    slips: Sequence[tuple[Tensor | float, str]] = (),
    tolerance: float = 1e-4,
) -> None:
    """Pass if ``found`` equals ``expected``; else raise the Hint that fits the difference best.

    The order is: not answered, wrong type, a slip, shape, kind of number, NaN, sign, a constant
    factor (a sum for a mean, a mean for a sum), a constant offset, other values.

    Args:
        found: what the reader's function returned.
        expected: a tensor, compared in shape, kind of number (float or whole) and values; or a
            number, for which a tensor of one element will do, too.
        what: a noun phrase for the messages, such as "the loss of three logits".
        slips: values that typical mistakes give, of any shape, each with its hint; they are
            looked at in order, before anything general is said.
        tolerance: largest difference allowed, as a fraction of the largest expected value.

    Raises:
        Hint: they differ.
    """
    if found is None or found is ...:
        raise Unanswered(f"{what} is missing.")
    if isinstance(expected, Tensor):
        found, expected = tensor(found, what).detach(), expected.detach()
    else:
        found, expected = torch.tensor(number(found, what)), torch.tensor(float(expected))
    for slip, hint in slips:
        slip = torch.as_tensor(slip).detach()
        if close(found, slip, tolerance) and not close(found, expected, tolerance):
            raise Hint(hint)
    if found.shape != expected.shape:
        raise Hint(shape_hint(found, expected, what))
    if found.is_floating_point() != expected.is_floating_point():
        raise Hint(
            f"{what} has the type {found.dtype}; {expected.dtype} is wanted.".replace("torch.", "")
        )
    finite(found, what)
    if not close(found, expected, tolerance):
        raise Hint(value_hint(found.double(), expected.double(), what, tolerance))


def close(found: Tensor, expected: Tensor, tolerance: float) -> bool:
    """Return whether shapes agree and no value differs by more than the tolerance."""
    if found.shape != expected.shape:
        return False
    found, expected = found.double().cpu(), expected.double().cpu()
    scale = expected.abs().max().item() if expected.numel() else 0.0
    return torch.allclose(found, expected, rtol=0, atol=tolerance * (scale or 1.0))


def tensor(found, what: str = "the answer") -> Tensor:
    """Return ``found``, which must be a tensor.

    Raises:
        Hint: it is something else.
    """
    if not isinstance(found, Tensor):
        raise Hint(f"{what} must be a tensor, and yours is of type {type(found).__name__}.")
    return found


def number(found, what: str = "the answer") -> float:
    """Return ``found`` as a float; a tensor or an array of one element counts as a number.

    Raises:
        Hint: it is none, or NaN or infinite.
    """
    if isinstance(found, Tensor) and found.numel() != 1:
        raise Hint(
            f"{what} must be one number, and yours is a tensor of shape {tuple(found.shape)}."
        )
    try:
        value = float(found.detach() if isinstance(found, Tensor) else found)
    except (TypeError, ValueError):
        kind = type(found).__name__
        raise Hint(f"{what} must be a number, and yours is of type {kind}.") from None
    finite(torch.tensor(value), what)
    return value


def parts(found, names: Sequence[str]) -> Sequence:
    """Return a tuple or list of as many values as there are ``names``.

    An array or a tensor of as many numbers will do, too.

    Raises:
        Hint: it is something else.
        Unanswered: one of the values is None or ``...``.
    """
    wanted = ", ".join(names)
    if isinstance(found, Tensor | np.ndarray) and found.shape == (len(names),):
        found = list(found)
    if not isinstance(found, tuple | list) or len(found) != len(names):
        yours = f"{len(found)} values" if isinstance(found, tuple | list) else "one value"
        raise Hint(f"Return {len(names)} values ({wanted}); your function returns {yours}.")
    for name, value in zip(names, found):
        if value is None or value is ...:
            raise Unanswered(f"{name} is missing.")
    return found


def finite(found: Tensor, what: str = "the answer") -> None:
    """Raise a Hint if a value is NaN or infinite."""
    if bad := int((~torch.isfinite(found)).sum()):
        kind = "NaN" if torch.isnan(found).any() else "infinite"
        many = kind if found.numel() == 1 else f"{kind} in {bad} of {found.numel()} values"
        raise Hint(
            f"{what} is {many}. Look for a division by zero, a logarithm of 0, or an exponential "
            "of a large number."
        )


def shape_hint(found: Tensor, expected: Tensor, what: str) -> str:
    """Return what is said of a wrong shape."""
    shapes = f"{what} has shape {tuple(found.shape)}, and {tuple(expected.shape)} is wanted."
    if found.shape[::-1] == expected.shape:
        return f"{shapes} Rows and columns are swapped."
    if found.squeeze().shape == expected.squeeze().shape:
        return f"{shapes} They differ by dimensions of length 1."
    if found.numel() == 1:
        return f"{shapes} It was averaged or summed over too much."
    if found.numel() == expected.numel():
        return f"{shapes} It has as many values as needed, arranged otherwise."
    if found.ndim > expected.ndim:
        return f"{shapes} Something is left to average, sum or squeeze."
    if found.ndim < expected.ndim:
        return f"{shapes} A dimension was lost; an average with `keepdim=True` keeps it."
    return f"{shapes} Print the shapes on the way."


def value_hint(found: Tensor, expected: Tensor, what: str, tolerance: float) -> str:
    """Return what is said of wrong values in the right shape."""
    if close(-found, expected, tolerance):
        return f"{what} has the wrong sign; its size is right."
    if found.numel() == 1:
        side = "large" if found > expected else "small"
        return f"{what} is too {side}: your function gives {found.item():.4g}."
    if found.ndim == 2 and found.shape[0] == found.shape[1] and close(found.T, expected, tolerance):
        return f"{what} has the right values with rows and columns swapped."
    square = expected.square().sum()
    factor = (found * expected).sum() / square if square else torch.zeros(())
    if factor > 0 and close(found, factor * expected, tolerance):
        for count in {found.shape[0], found.numel()} - {1}:
            if abs(factor - count) < 1e-3 * count:
                return f"{what} is {count} times too large: a sum where a mean belongs?"
            if abs(factor * count - 1) < 1e-3:
                return f"{what} is {count} times too small: a mean where a sum belongs?"
        return f"{what} is right up to one constant factor, which is too {size(factor)}."
    offset = (found - expected).mean()
    if close(found - offset, expected, tolerance):
        return f"{what} is off by the same amount everywhere: a constant is missing or too much."
    place = (found - expected).abs().argmax().item()
    index = tuple(int(i) for i in torch.unravel_index(torch.tensor(place), found.shape))
    index = index[0] if len(index) == 1 else index
    right = int(((found - expected).abs() <= tolerance * expected.abs().max()).sum())
    return (
        f"{what} has the right shape but {found.numel() - right} of {found.numel()} values "
        f"are wrong, most at index {index}, where yours is {found.flatten()[place]:.4g}."
    )


def size(factor: Tensor) -> str:
    """Return the word for a factor above or below 1."""
    return "large" if factor > 1 else "small"
