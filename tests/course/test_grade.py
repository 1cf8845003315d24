"""`otter run` through tools/grade.py: whole notebooks, and submissions that are broken."""

import csv
import shutil

import nbformat
import psutil
import pytest

from tools import grade
from tools.course.grade_one import plain
from tools.course.masters import all_names, has_tag, master_path, read_master, wrong_answers
from tools.course.submissions import Refused, open_answer, read_submission, submissions


def filled(student, master, codes):
    """The student version with the solution cells of each task replaced by ``codes[task]``."""
    answers = iter([c for c in student.cells if has_tag(c, "otter_answer_cell")])
    for name, task in master.graded.items():
        for number, _ in enumerate(c for c in task.solution if c.cell_type == "code"):
            cell = next(answers)
            if name in codes:
                cell.source = codes[name] if number == 0 else ""
    return student


def mixed(master, wrong):
    """Code of each task: the first wrong, the last left empty, the others solved; its points."""
    first, *middle, last = master.graded
    entry = next(e for e in wrong.WRONG if e["task"] == first)
    codes = {name: master.graded[name].code for name in middle}
    points = {name: master.graded[name].points for name in middle}
    return codes | {first: entry["code"]}, points | {first: entry["points"], last: 0}


def read_csv(folder):
    with (folder / "grades.csv").open(encoding="utf-8") as file:
        return {row.pop("name"): row for row in csv.DictReader(file)}


def test_a_solved_an_empty_and_a_mixed_notebook(name, master, wrong, built, tmp_path):
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    (inbox / "empty").mkdir(parents=True)
    shutil.copy(built / "instructor" / name / f"{name}.ipynb", inbox / "solved.ipynb")
    student = built / "student" / f"{name}.ipynb"
    shutil.copy(student, inbox / "empty" / f"{name}.ipynb")
    codes, meant = mixed(master, wrong)
    nbformat.write(filled(nbformat.read(student, 4), master, codes), inbox / "mixed.ipynb")

    archive = built / "autograder" / f"{name}.zip"
    grade.grade_folder(name, inbox, archive, out, 180, open_points=4)

    rows, full = read_csv(out), {task: t.points for task, t in master.graded.items()}
    assert rows.keys() == {"solved", "empty", "mixed"}
    for who, expected in [("solved", full), ("empty", dict.fromkeys(full, 0)), ("mixed", meant)]:
        row = rows[who]
        assert {task: int(row[task]) for task in full} == expected, (who, row)
        assert (int(row["total"]), int(row["of"])) == (sum(expected.values()), sum(full.values()))
        assert row["problem"] == ""
    told = (out / "feedback" / "mixed.md").read_text(encoding="utf-8")
    answers = (out / "open_answers.md").read_text(encoding="utf-8")
    assert "## empty\n\nNo answer.\n" in answers and "## solved\n\n**For the reader" in answers
    hidden = [code for t in master.graded.values() for c, code in t.test_configs() if "hidden" in c]
    assert f"**{sum(meant.values())} of {sum(full.values())} points**" in told
    assert not [code for code in hidden if code.splitlines()[-1].strip() in told.splitlines()]


def test_the_open_answer_is_all_that_a_student_wrote_below_the_question(built, name):
    notebook = nbformat.read(built / "student" / f"{name}.ipynb", 4)
    assert open_answer(notebook) == ""
    (room,) = [n for n, c in enumerate(notebook.cells) if "_Type your answer here" in c.source]
    notebook.cells[room].source = "It fell silent."
    notebook.cells.insert(room + 1, nbformat.v4.new_code_cell("1 + 1"))
    notebook.cells.insert(room + 2, nbformat.v4.new_markdown_cell("### And so?\n\nNo."))
    assert open_answer(notebook) == "It fell silent.\n\n### And so?\n\nNo."


@pytest.fixture(scope="module")
def broken(build_once, tmp_path_factory):
    """Rows and feedback of submissions that are broken in one way each."""
    name = "01_tensors"
    built, folder = build_once(name), tmp_path_factory.mktemp("broken")
    solved = nbformat.read(built / "instructor" / name / f"{name}.ipynb", 4)
    inbox, out = folder / "inbox", folder / "out"
    inbox.mkdir()

    def hand_in(who, source=None, metadata=None):
        copy = nbformat.from_dict(solved)
        for cell in copy.cells:
            if source and "class TableDataset" in cell.source:
                cell.source = source
        if metadata is not None:
            copy.metadata = metadata
        nbformat.write(copy, inbox / f"{who}.ipynb")

    colab = {"colab": {}, "kernelspec": {"name": "ir", "display_name": "R"}}  # and no otter
    hand_in("syntax", "class TableDataset(Dataset)\n    pass", metadata=colab)
    hand_in("endless", "def TableDataset(rows, transform=None):\n    while True:\n        pass")
    hand_in("renamed", "def Table(rows, transform=None):\n    pass")
    hand_in("dies", "import os\nos._exit(1)")
    other = nbformat.v4.new_code_cell('grader = otter.Notebook("07_other.ipynb")')
    nbformat.write(nbformat.v4.new_notebook(cells=[other]), inbox / "other.ipynb")
    (inbox / "text.ipynb").write_text("my answers")
    (inbox / "list.ipynb").write_text("[1, 2]")
    (inbox / "essay.pdf").write_text("my answers")
    (inbox / ".hidden").write_text("nobody's")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grade, "TEST_SECONDS", 3)
        grade.grade_folder(name, inbox, built / "autograder" / f"{name}.zip", out, 180)
    return read_csv(out), out / "feedback"


def test_every_submission_has_its_line(broken):
    rows, feedback = broken
    assert sorted(rows) == sorted(path.stem for path in feedback.iterdir())
    assert len(rows) == 8 and {row["of"] for row in rows.values()} == {"24"}


@pytest.mark.parametrize(
    ("who", "total", "problem"),
    [
        ("syntax", 20, "a cell stopped: SyntaxError"),
        ("endless", 20, ""),
        ("renamed", 20, ""),
        ("dies", 0, "does not run: "),
        ("other", 0, "wrong assignment: this is 07_other"),
        ("text", 0, "unreadable: no notebook"),
        ("list", 0, "unreadable: no notebook"),
        ("essay", 0, "not a notebook: the file is called essay.pdf"),
    ],
)
def test_what_is_broken_is_told(broken, who, total, problem):
    rows, feedback = broken
    assert int(rows[who]["total"]) == total, rows[who]
    assert rows[who]["problem"].startswith(problem) and bool(problem) == bool(rows[who]["problem"])
    assert problem in (feedback / f"{who}.md").read_text(encoding="utf-8")


def test_an_endless_task_is_told_in_its_public_test(broken):
    assert "not ready after 3 seconds" in (broken[1] / "endless.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("who", ["renamed", "syntax"])
def test_a_missing_name_is_told(broken, who):
    told = (broken[1] / f"{who}.md").read_text(encoding="utf-8")
    assert "NameError: the notebook defines no TableDataset: renamed, or its cell stopped" in told


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("TypeError: NoneType' object is not callable", "'NoneType' object is not callable"),
        ("AttributeError: NoneType' object has no attribute 'shape", "no attribute 'shape'"),
        ("AssertionError: the loss has shape (3,), expected ()", ": the loss has shape (3,)"),
        ("AssertionError: ", "AssertionError"),
    ],
)
def test_messages_are_readable(message, expected):
    told = plain(f"❌ Test case failed\nError at line 130 in test q2:\n\n{message}")
    assert expected in told and "line 130" not in told and not told.endswith(":")


def test_training_and_what_stands_below_is_not_run(tmp_path):
    """Also without tags, which some editors drop; the check at the end does no harm."""
    sources = ["x = 1", "QUICK = True  # a try", "train()", "my_experiment()"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    cells.insert(3, nbformat.v4.new_markdown_cell("QUICK = prose"))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "x.ipynb")
    read = read_submission(tmp_path / "x.ipynb", "01_tensors")
    ignored = [cell.source for cell in read.cells if has_tag(cell, "otter_ignore")]
    assert ignored == sources[1:]


def test_what_never_ends_is_ended(build_once, tmp_path):
    """A loop outside of any function: its process and the kernel are gone afterwards."""
    name = "01_tensors"
    cells = [nbformat.v4.new_code_cell("while True:\n    pass")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "loop.ipynb")
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    archive = build_once(name) / "autograder" / f"{name}.zip"
    report = grade.grade(tmp_path / "loop.ipynb", name, archive, 8)
    assert report["problem"] == "too slow: ended after 8 s" and report["tasks"] == {}
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def test_names_come_from_files_or_folders(tmp_path):
    for path in ("ada.ipynb", "bob/02.ipynb", "eve/1.ipynb", "eve/2.ipynb", ".x/y.ipynb"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    assert [name for name, _ in submissions(tmp_path)] == ["ada", "bob", "eve-1", "eve-2"]


def test_a_submission_loses_its_outputs_and_its_kernel(tmp_path):
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("stream", text="1")])
    notebook = nbformat.v4.new_notebook(
        cells=[cell], metadata={"kernelspec": {"name": "mine", "display_name": "Mine"}}
    )
    nbformat.write(notebook, tmp_path / "x.ipynb")
    read = read_submission(tmp_path / "x.ipynb", "01_tensors")
    assert read.cells[0].outputs == [] and read.metadata.kernelspec.name == "python3"


def test_another_assignment_is_refused(tmp_path):
    cell = nbformat.v4.new_code_cell("grader = otter.Notebook('02_gan_game.ipynb')")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "x.ipynb")
    with pytest.raises(Refused, match="wrong assignment: this is 02_gan_game"):
        read_submission(tmp_path / "x.ipynb", "01_tensors")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["99_none", "."], "there is no assignment '99_none'; there are: 01_tensors, "),
        (["01_tensors", "nowhere", "--archive", "."], "run: make course"),
        (["01_tensors", "nowhere"], "nowhere is no folder"),
        (["01_tensors", "inbox"], "there is no file in inbox"),
    ],
)
def test_what_cannot_be_graded_is_said(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inbox").mkdir()
    (tmp_path / "01_tensors.zip").touch()
    monkeypatch.setattr(grade, "ARCHIVES", tmp_path)
    assert grade.main(arguments) == 2
    assert message in capsys.readouterr().err


def test_mixed_submissions_are_mixed():
    for name in all_names():
        master = read_master(master_path(name))
        _, points = mixed(master, wrong_answers(name))
        full = sum(task.points for task in master.graded.values())
        assert 0 < sum(points.values()) < full
