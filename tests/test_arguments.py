"""ganbook.arguments: what the command lines accept, and how they end."""

from argparse import ArgumentTypeError

import pytest

from ganbook.arguments import say, whole


def test_wholes_from_the_least_on():
    assert [whole(8)(text) for text in ("8", "512")] == [8, 512]
    assert whole(0)("0") == 0


@pytest.mark.parametrize("text", ["7", "-9", "8.5", "many", ""])
def test_anything_else_is_named(text):
    with pytest.raises(ArgumentTypeError, match=f"^{text} is not a whole number of at least 8$"):
        whole(8)(text)


def test_a_message_is_one_line_on_standard_error(capsys):
    assert say("error: first\n  second", 2) == 2
    assert tuple(capsys.readouterr()) == ("", "error: first second\n")
