"""ganbook.arguments: what the command lines accept."""

from argparse import ArgumentTypeError

import pytest

from ganbook.arguments import whole


def test_wholes_from_the_least_on():
    assert [whole(8)(text) for text in ("8", "512")] == [8, 512]
    assert whole(0)("0") == 0


@pytest.mark.parametrize("text", ["7", "-9", "8.5", "many", ""])
def test_anything_else_is_named(text):
    with pytest.raises(ArgumentTypeError, match=f"^{text} is not a whole number of at least 8$"):
        whole(8)(text)
