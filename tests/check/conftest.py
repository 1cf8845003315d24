"""What the tests of checks share: every check meets right, wrong, missing and broken answers."""

import re

import pytest


@pytest.fixture
def said(capsys):
    """Give an answer to a check; return its verdict in one line."""

    def give(check, answer):
        capsys.readouterr()
        assert check(answer) is None
        return " ".join(capsys.readouterr().out.split())

    return give


@pytest.fixture
def refused(said):
    """Assert that a wrong answer gets this hint, in two sentences or so, without the secrets."""

    def give(check, answer, hint, secrets=()):
        verdict = said(check, answer)
        assert verdict.startswith("Not yet: ") and hint in verdict, verdict
        assert len(verdict) < 400
        for secret in secrets:
            assert secret not in verdict, verdict

    return give


@pytest.fixture
def neither_missing_nor_broken(said):
    """Assert what every check says of no answer, of an error, and of no function."""

    def give(check):
        def broken(*args, **named):
            raise RuntimeError("the reader's own")

        def missing(*args, **named): ...

        assert re.match(
            r"Not answered yet: `missing` (returns|does) nothing\.", said(check, missing)
        )
        assert said(check, None).startswith("Not answered yet: ")
        verdict = said(check, broken)
        assert verdict.startswith("Not yet: `broken` stopped")
        assert verdict.endswith("RuntimeError: the reader's own")
        assert "`raise RuntimeError" in verdict
        assert said(check, 3).startswith("Not yet: The check wants the function itself")

    return give
