"""The helper that takes definitions out of notebooks."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.notebooks.definitions import from_notebook


@pytest.fixture
def small(tmp_path):
    cells = [
        new_markdown_cell("def not_code(): ..."),
        new_code_cell("import math\nraise RuntimeError('never executed')"),
        new_code_cell("%matplotlib inline\ndef area(r):\n    return math.pi * r**2 * scale"),
        new_code_cell("class Shape:\n    sides = 4\nprint(undefined)"),
    ]
    path = tmp_path / "small.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_only_imports_and_named_definitions_run(small):
    module = from_notebook(small, ["area", "Shape"], scale=2)
    assert module.area(1) == pytest.approx(6.2831853)
    assert module.Shape.sides == 4


def test_a_missing_name_is_reported(small):
    with pytest.raises(LookupError, match=r"small\.ipynb does not define volume"):
        from_notebook(small, ["area", "volume"])
