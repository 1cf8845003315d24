"""The hidden tests tell right from wrong: solutions, empty notebooks, typical wrong answers."""

import pytest

from tests.course.points import empty, namespace, points_of


@pytest.fixture
def archive(built, name):
    return built / "autograder" / f"{name}.zip"


@pytest.fixture
def solutions(master):
    return {name: task.code for name, task in master.graded.items()}


@pytest.fixture
def full(master):
    return {name: task.points for name, task in master.graded.items()}


def entries(kind, task):
    return [entry for entry in kind if entry["task"] == task]


def test_the_solution_gets_full_marks(master, archive, solutions, full):
    points, messages = points_of(archive, namespace(master, solutions.values()))
    assert points == full, messages


def test_the_empty_notebook_gets_nothing(master, archive, solutions, full):
    names = namespace(master, map(empty, solutions.values()))
    assert points_of(archive, names)[0] == dict.fromkeys(full, 0)


def test_a_notebook_without_the_functions_gets_nothing(master, archive, full):
    assert points_of(archive, namespace(master, []))[0] == dict.fromkeys(full, 0)


def test_one_task_alone_gets_its_points(task, master, archive, solutions, full):
    """What is not done elsewhere costs nothing here."""
    codes = [code if name == task else empty(code) for name, code in solutions.items()]
    points, messages = points_of(archive, namespace(master, codes))
    assert points[task] == full[task], messages


def test_wrong_answers_get_what_they_are_meant_to(task, master, wrong, archive, solutions, full):
    mutants = entries(wrong.WRONG, task)
    assert len(mutants) >= 3, "each task needs three typical wrong answers"
    assert len({entry["name"] for entry in mutants}) == len(mutants)
    faults = []
    for entry in mutants:
        names = namespace(master, [*solutions.values(), entry["code"]])
        points, messages = points_of(archive, names)
        if points != full | {task: entry["points"]} or entry["points"] >= full[task]:
            faults.append(f"{entry['name']}: meant {entry['points']}, got {points}\n{messages}")
    assert not faults, "\n\n".join(faults)


def test_other_right_answers_get_full_marks(task, master, wrong, archive, solutions, full):
    for entry in entries(wrong.RIGHT, task):
        names = namespace(master, [*solutions.values(), entry["code"]])
        points, messages = points_of(archive, names)
        assert points == full, f"{entry['name']}\n{messages}"


def test_every_entry_is_of_a_task(master, wrong):
    for entry in [*wrong.WRONG, *wrong.RIGHT]:
        assert entry["task"] in master.graded, entry["name"]
        assert entry["code"].strip(), entry["name"]
