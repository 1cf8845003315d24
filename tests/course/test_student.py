"""What students get: complete, the same as committed, and without a line of any solution."""

from dataclasses import replace

import nbformat
import pytest

from tools.build_course import build
from tools.course.colab_cell import colab_cell
from tools.course.masters import SOLUTION_BLOCK, STUDENT, all_names
from tools.execute import has_tag


@pytest.fixture
def student(built, name):
    return nbformat.read(built / "student" / f"{name}.ipynb", 4)


def secret_lines(master):
    """Lines of solutions and of hidden tests that stand nowhere in what students are given."""
    secret = []
    for task in master.tasks.values():
        for cell in task.solution:
            blocks = SOLUTION_BLOCK.findall(cell.source)
            texts = [cell.source] if cell.cell_type == "markdown" else [b for _, b in blocks]
            secret += [line for text in texts for line in text.splitlines()]
        for config, code in [] if task.manual else task.test_configs():
            secret += code.splitlines() if config.get("hidden") else []
    seen = "\n".join(map(compact, given_lines(master)))
    return {line for line in map(compact, secret) if line not in seen}


def compact(line):
    """Letters and signs only: spaces, quotes and brackets change on the way through otter."""
    return "".join(c for c in line.partition("  #")[0] if c not in " \t\"'()")


def given_lines(master):
    """All lines that students may see: given cells, texts, public tests, what is around blocks."""
    for source in [*master.given, *(cell.source for cell in master.training)]:
        yield from source.splitlines()
    for task in master.tasks.values():
        for text in task.text:
            yield from text.splitlines()
        for cell in task.solution:
            if cell.cell_type == "code":
                yield from SOLUTION_BLOCK.sub("", cell.source).splitlines()
        for config, code in [] if task.manual else task.test_configs():
            if not config.get("hidden"):
                yield from code.splitlines()


def strings(node):
    """Every string of a notebook: sources, outputs, metadata with the tests in it, keys too."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from [key, *strings(value)]
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)


def lines_of(notebook):
    return {compact(line) for text in strings(notebook) for line in text.splitlines()}


def leaks(secret, notebook):
    """Secret lines that stand in the notebook: whole lines, long ones also within a line."""
    lines = lines_of(notebook)
    whole = "\n".join(lines)
    return {s for s in secret if len(s) > 6 and (s in lines or (len(s) > 25 and s in whole))}


def test_no_solution_and_no_hidden_test(master, student):
    secret = secret_lines(master)
    assert secret and leaks(secret, student) == set()
    text = "\n".join(strings(student))
    assert "hidden=True" not in text and "SOLUTION" not in text and "TEST CONFIG" not in text


def test_the_leak_test_would_see_a_leak(master, built, name):
    """The notebook with the solutions is found out in every task, and by its hidden tests."""
    solved = nbformat.read(built / "instructor" / name / f"{name}.ipynb", 4)
    for task in master.tasks.values():
        alone = replace(master, tasks={"q": replace(task, tests=[])})
        assert leaks(secret_lines(alone), solved)
        if not task.manual:
            alone = replace(master, tasks={"q": replace(task, solution=[])})
            assert leaks(secret_lines(alone), solved)


def test_nothing_else_goes_to_students(name, built):
    assert {path.suffix for path in (built / "student").iterdir()} == {".ipynb"}


def test_the_committed_version_is_a_fresh_build(name, built):
    fresh = (built / "student" / f"{name}.ipynb").read_text(encoding="utf-8")
    committed = STUDENT / f"{name}.ipynb"
    assert committed.is_file(), "run: make course"
    assert committed.read_text(encoding="utf-8") == fresh, "run: make course"


def test_no_version_is_left_over():
    assert sorted(path.stem for path in STUDENT.glob("*.ipynb")) == all_names()


def test_it_begins_with_title_install_cell_and_otter(name, student):
    title, install, start = student.cells[:3]
    assert title.source.startswith("# Assignment ")
    assert has_tag(install, "colab") and install.source == colab_cell(name)
    assert start.source.splitlines()[-1] == f'grader = otter.Notebook("{name}.ipynb")'
    assert sum("otter.Notebook(" in cell.source for cell in student.cells) == 1


def test_every_task_has_its_check(master, student):
    checks = [c.source for c in student.cells if c.source.startswith("grader.check(")]
    assert checks == [f'grader.check("{task}")' for task in master.graded]
    assert set(student.metadata["otter"]["tests"]) == set(master.graded)


def test_there_is_room_for_the_open_answer(student):
    assert "_Type your answer here, replacing this text._" in [c.source for c in student.cells]


def test_building_twice_gives_the_same(build_once, tmp_path):
    first, *_ = all_names()
    again = build(first, tmp_path)
    assert again.read_text() == (build_once(first) / "student" / f"{first}.ipynb").read_text()
