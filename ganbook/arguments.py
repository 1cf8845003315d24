"""What the package's command lines share: arguments with plain errors, and how a command ends."""

import sys
from argparse import ArgumentTypeError
from collections.abc import Callable

# What a user's files and options can cause; the message is a sentence for them.
BAD_INPUT = (ValueError, TypeError, OSError, FloatingPointError, ModuleNotFoundError)


def whole(least: int) -> Callable[[str], int]:
    """Return an argparse ``type`` for whole numbers of at least ``least``."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ArgumentTypeError(f"{text} is not a whole number of at least {least}")
        return int(text)

    return read


def say(message: str, code: int) -> int:
    """Write a message to standard error, in one line, and return the exit code."""
    print(" ".join(message.split()), file=sys.stderr)
    return code
