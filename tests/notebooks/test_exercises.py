"""The exercises that check themselves: cells tagged `exercise`, each with its folded solution.

Such a cell holds imports, one definition to be written, and one call of a check. The first Python
block of the folded solution after it is an answer that needs only the cell's imports.
"""

import ast
import re
import time
from contextlib import redirect_stdout
from copy import deepcopy
from io import StringIO

import nbformat
import pytest
import torch
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.execute import (
    all_notebooks,
    code_cells,
    execute_exercises,
    exercise_cells,
    has_tag,
    output_text,
)

CHAPTERS = [path for path in all_notebooks() if path.stem[:2].isdecimal()]
EXERCISES = [
    pytest.param(path, cell.id, id=f"{path.stem}, {cell.id}")
    for path in all_notebooks()
    for cell in exercise_cells(nbformat.read(path, 4))
]


@pytest.fixture(scope="module", autouse=True)
def optimizers():
    """The first one lets PyTorch import a second's worth of modules; no check is to blame."""
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0).zero_grad()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_each_chapter_checks_at_least_two_exercises(chapter):
    assert len(exercise_cells(nbformat.read(chapter, 4))) >= 2


def test_they_come_after_everything_that_is_run(notebook):
    """So that the chapter's counts stay when exercises are added, and its cells go first."""
    flags = [has_tag(cell, "exercise") for cell in code_cells(notebook)]
    assert flags == sorted(flags)


def test_they_are_compared_and_take_no_name_of_the_chapter(notebook):
    theirs, chapters = set(), set()
    for cell in code_cells(notebook):
        names = defined(cell.source)
        if has_tag(cell, "exercise"):
            assert has_tag(cell, "nbval-check-output"), cell.source
            assert names and not names & theirs, cell.source
            theirs |= names | imported(cell.source)
        else:
            chapters |= names
    assert not theirs & chapters


def defined(source):
    """The names of the functions and classes of a cell, and of what it assigns."""
    source = "\n".join("" if line.startswith(("%", "!")) else line for line in source.splitlines())
    names = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def imported(source):
    """The names that a cell imports."""
    nodes = [n for n in ast.parse(source).body if isinstance(n, ast.Import | ast.ImportFrom)]
    return {alias.asname or alias.name for node in nodes for alias in node.names}


def find(chapter, identifier):
    """An exercise cell, the Markdown before it and that after it."""
    cells = nbformat.read(chapter, 4).cells
    (place,) = (k for k, cell in enumerate(cells) if cell.id == identifier)
    return cells[place], cells[place - 1].source, cells[place + 1].source


def printed(source, names):
    """What a cell prints when it is run alone in `names`."""
    text = StringIO()
    with redirect_stdout(text):
        exec(compile(source, "exercise", "exec"), names)
    return text.getvalue()


def calls(source):
    """The calls of a check, with which the cell ends."""
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.Expr)]
    return "\n".join(ast.unparse(node) for node in nodes)


@pytest.mark.parametrize(("chapter", "identifier"), EXERCISES)
def test_it_stands_alone_and_says_that_the_answer_is_missing(chapter, identifier):
    cell, before, after = find(chapter, identifier)
    assert re.search(r"^\*\*\d", before, re.MULTILINE) and after.startswith("<details>")
    names = {}
    exec("\n".join(ast.unparse(node) for node in ast.parse(cell.source).body[:-1]), names)
    start = time.process_time()
    said = printed(cell.source, names)
    assert time.process_time() - start < 1
    assert said.startswith("Not answered yet: ")
    assert said == "".join(map(output_text, cell.outputs))


@pytest.mark.parametrize(("chapter", "identifier"), EXERCISES)
def test_its_check_accepts_its_own_solution(chapter, identifier):
    cell, _, after = find(chapter, identifier)
    solution = after.partition("</details>")[0]
    code = re.search(r"^```python\n(.*?)^```", solution, re.MULTILINE | re.DOTALL)
    assert code, "the folded solution has no Python block"
    names = {}
    printed(cell.source, names)
    assert defined(code[1]) & defined(cell.source), "the block does not define the answer"
    printed(code[1], names)
    start = time.process_time()
    said = printed(calls(cell.source), names)
    assert said.startswith("Right: "), said
    assert time.process_time() - start < 1


def texts(cells):
    return ["".join(map(output_text, cell.outputs)) for cell in cells]


def test_a_fresh_kernel_prints_what_is_stored(tmp_path):
    """One notebook shows it; nbval compares them all."""
    path = tmp_path / CHAPTERS[0].name
    stored = nbformat.read(CHAPTERS[0], 4)
    bare = deepcopy(stored)
    for cell in exercise_cells(bare):
        cell.outputs, cell.execution_count = [], None
    nbformat.write(bare, path)
    assert execute_exercises(path) == []
    assert nbformat.read(path, 4) == stored


def test_an_edit_made_while_they_run_is_kept(tmp_path, monkeypatch):
    path = tmp_path / "small.ipynb"
    cells = [new_markdown_cell("old"), new_code_cell("1"), new_code_cell("2")]
    cells[2].metadata.tags = ["exercise"]
    notebook = new_notebook(cells=cells)
    nbformat.write(notebook, path)

    def edit(path):
        notebook.cells[0].source = "new"
        nbformat.write(notebook, path)
        return {cells[2].id: [new_output("stream", text="Not answered yet")]}

    monkeypatch.setattr("tools.execute.run_exercises", edit)
    assert execute_exercises(path) == []
    after = nbformat.read(path, 4)
    assert after.cells[0].source == "new"
    assert [cell.execution_count for cell in code_cells(after)] == [1, 2]
    assert texts(code_cells(after)) == ["", "Not answered yet"]
    monkeypatch.setattr("tools.execute.run_exercises", lambda path: {"another": []})
    assert "changed while they ran" in execute_exercises(path)[0]
