"""The build says what is not in order, and makes the folders for teachers."""

import shutil
import zipfile

import nbformat
import pytest

from tools import build_course
from tools.course import masters
from tools.course.answers_page import answers_page


@pytest.fixture
def copies(tmp_path, monkeypatch):
    """A copy of the first assignment, which a test may break."""
    name = masters.all_names()[0]
    shutil.copytree(masters.ASSIGNMENTS / name, tmp_path / "assignments" / name)
    monkeypatch.setattr(masters, "ASSIGNMENTS", tmp_path / "assignments")
    return tmp_path / "assignments" / name


def refused(tmp_path, capsys, *names):
    assert build_course.main([*names, "--out", str(tmp_path / "out")]) == 2
    return capsys.readouterr().err


def edit(folder, change):
    path = folder / f"{folder.name}.ipynb"
    notebook = nbformat.read(path, 4)
    change(notebook)
    nbformat.write(notebook, path)


def test_an_unknown_name_is_told_the_others(copies, tmp_path, capsys):
    assert "no assignment '9'; there are: 01_tensors" in refused(tmp_path, capsys, "9")


def test_a_missing_config_is_told(copies, tmp_path, capsys):
    edit(copies, lambda notebook: notebook.cells.pop(0))
    assert "first cell must be raw and begin '# ASSIGNMENT CONFIG'" in refused(tmp_path, capsys)


def test_another_name_in_the_config_is_told(copies, tmp_path, capsys):
    def rename(notebook):
        notebook.cells[0].source = notebook.cells[0].source.replace("01_tensors", "01_other")

    edit(copies, rename)
    assert "has the name '01_other', not '01_tensors'" in refused(tmp_path, capsys)


def test_missing_wrong_answers_are_told(copies, tmp_path, capsys):
    (copies / "wrong_answers.py").unlink()
    assert "has no wrong_answers.py beside its notebook" in refused(tmp_path, capsys)


def test_an_unended_block_is_told(copies, tmp_path, capsys):
    def cut(notebook):
        marks = [c for c in notebook.cells if c.source == "# END TESTS"]
        notebook.cells.remove(marks[0])

    edit(copies, cut)
    assert "q1: is '# END TESTS' missing" in refused(tmp_path, capsys)


def test_a_test_cell_without_config_is_told(copies, tmp_path, capsys):
    def strip(notebook):
        cell = next(c for c in notebook.cells if "def test_q2_mean" in c.source)
        cell.source = cell.source[cell.source.index("def ") :]

    edit(copies, strip)
    assert "q2: a test cell has no config: 'def test_q2_mean" in refused(tmp_path, capsys)


def test_a_config_that_is_no_yaml_is_told(copies, tmp_path, capsys):
    def colon(notebook):
        cell = next(c for c in notebook.cells if "failure_message" in c.source)
        cell.source = cell.source.replace("failure_message: ", "failure_message: see: ")

    edit(copies, colon)
    assert "q1: not YAML, put quotes around it?" in refused(tmp_path, capsys)


def test_the_archive_can_be_graded_elsewhere(name, built):
    with zipfile.ZipFile(built / "autograder" / f"{name}.zip") as archive:
        environment = archive.read("environment.yml").decode()
        config = archive.read("otter_config.json").decode()
        assert {"setup.sh", "run_autograder"} <= set(archive.namelist())
    assert "ganbook[samples,course] @ git+https://github.com/" in environment
    assert "download.pytorch.org/whl/cpu" in environment and "python=3.12" in environment
    assert "assignment_name" not in config


def test_teachers_see_what_students_get_wrong(name, master, wrong, built):
    page = (built / "instructor" / name / "wrong_answers.md").read_text(encoding="utf-8")
    assert page == answers_page(master, wrong)
    for entry in wrong.WRONG:
        assert f"**{entry['name']}**: {entry['points']} of " in page


def test_an_executed_notebook_is_kept(copies, tmp_path):
    solved = tmp_path / "out" / "instructor" / copies.name / f"{copies.name}.ipynb"
    build_course.build(copies.name, tmp_path / "out")
    executed = nbformat.read(solved, 4)
    executed.cells[1].outputs = [nbformat.v4.new_output("stream", text="kept")]
    nbformat.write(executed, solved)
    build_course.build(copies.name, tmp_path / "out")
    assert "kept" in solved.read_text(encoding="utf-8")


def test_rubric_and_quizzes_go_to_teachers(tmp_path):
    build_course.add_teaching_material(tmp_path)
    assert (tmp_path / "instructor" / "grading.md").is_file()
    assert (tmp_path / "instructor" / "quizzes" / "key.html").is_file()
    assert len(list((tmp_path / "instructor" / "quizzes").iterdir())) > 12
