"""The masters have one form."""

import re
from itertools import pairwise

import pytest

from tests.notebooks.markdown import headings, inline_tokens, markdown_cells
from tests.notebooks.test_portable import MYST, outside_code
from tools.course.masters import IGNORED, all_names, has_tag

CONFIG = {
    "init_cell": True,
    "check_all_cell": True,
    "export_cell": False,
    "solutions_pdf": False,
    "template_pdf": False,
    "tests": {"files": False, "ok_format": False},
}


def said_points(text):
    found = re.findall(r"\((\d+) points?\)", text)
    return [int(number) for number in found]


def test_there_are_seven_assignments():
    assert [name[:2] for name in all_names()] == [f"0{n}" for n in range(1, 8)]


def test_the_config_is_that_of_all(name, master):
    assert master.config == {"name": name} | CONFIG


def test_the_title_says_which_it_is(name, master):
    (level, title), *rest = headings(master.notebook)
    assert level == 1 and title.startswith(f"Assignment {int(name[:2])}: ")
    assert {2} <= {level for level, _ in rest} <= {2, 3}
    for (above, _), (below, _) in pairwise([(1, title), *rest]):
        assert below <= above + 1


def test_the_introduction_says_what_one_must_know(master):
    text = markdown_cells(master.notebook)[0].source
    assert "**Time:**" in text and "**You should know:**" in text
    assert "Keep the file's name: the public tests are found by it." in text


def test_tasks_are_numbered_and_their_points_add_up(master):
    graded = master.graded
    assert list(graded) == [f"q{n}" for n in range(1, len(graded) + 1)]
    assert 6 <= len(graded) <= 8
    for number, task in enumerate(graded.values(), 1):
        text = "\n".join(task.text)
        assert text.startswith(f"## Task {number}: "), text[:80]
        assert said_points(text) == [task.points], text
    assert 20 <= sum(task.points for task in graded.values()) <= 28


def test_each_task_has_one_public_test_of_one_point_first(master):
    for name, task in master.graded.items():
        configs = list(task.test_configs())
        hidden = [config.get("hidden", False) for config, _ in configs]
        assert hidden == [False] + [True] * (len(hidden) - 1) and len(hidden) >= 2, name
        assert configs[0][0]["points"] == 1 and configs[0][0]["failure_message"]
        functions = []
        for config, code in configs:
            assert type(config["points"]) is int and config["points"] >= 1
            assert '"' not in config.get("failure_message", ""), "otter writes it between quotes"
            [function] = re.findall(r"^def (test_\w+)\(", code, re.MULTILINE)
            assert code.startswith(f"def {function}") and function.startswith(f"test_{name}_")
            functions.append(function)
        assert len(set(functions)) == len(functions), "otter keeps one test of each name only"


def test_solutions_are_marked(master):
    for name, task in master.graded.items():
        assert task.code.count("# BEGIN SOLUTION\n") == task.code.count("# END SOLUTION") >= 1, name
        assert all(cell.cell_type == "code" for cell in task.solution), name


def test_the_last_question_is_open(master):
    *_, last = master.tasks
    assert [task for task in master.tasks.values() if task.manual] == [master.tasks[last]]
    task = master.tasks[last]
    assert last == "open" and task.points == 4 and said_points("\n".join(task.text)) == [4]
    assert task.solution and all(cell.cell_type == "markdown" for cell in task.solution)


def test_training_is_left_out_when_it_is_graded(master):
    assert "Now train it" in [title for _, title in headings(master.notebook)]
    assert master.training
    parameters = [c for c in master.training if has_tag(c, "parameters")]
    assert parameters == master.training[:1]
    assert re.match(r"QUICK = False\b", parameters[0].source)
    # Cells after "Now train it" that are graded would train in the autograder.
    cells = master.notebook.cells
    titles = [cell.source.splitlines()[0] if cell.source else "" for cell in cells]
    for cell in cells[titles.index("## Now train it") :]:
        assert cell.cell_type != "code" or has_tag(cell, IGNORED), cell.source[:80]


def test_given_cells_bring_no_answers_and_no_otter(master):
    for source in master.given:
        assert "otter" not in source and "pip " not in source, source[:80]
        assert "ganbook.losses" not in source and "ganbook.gans" not in source, source[:80]


@pytest.mark.parametrize("syntax", MYST)
def test_no_myst(master, syntax):
    for cell in markdown_cells(master.notebook):
        assert not re.search(MYST[syntax], outside_code(cell.source), re.MULTILINE), cell.source


def test_links_work_wherever_the_notebook_lies(master):
    for cell in markdown_cells(master.notebook):
        for token in inline_tokens(cell.source, "link_open"):
            assert token.attrs["href"].startswith("https://"), token.attrs["href"]
        assert not re.search(r"<(?!/?(details|summary)>)[a-z]+[^>\n]*>", outside_code(cell.source))


def test_masters_hold_no_outputs(master):
    assert not [c for c in master.notebook.cells if c.get("outputs") or c.get("execution_count")]
