"""The install cell: on Colab it brings ganbook, otter and the public tests; elsewhere nothing."""

import importlib.util
import os
import sys
import types

import nbformat
import papermill
import pytest

from tests.colab.conftest import build_wheel
from tests.colab.machine import Machine
from tests.loopback import serve
from tools.course.colab_cell import colab_cell
from tools.course.masters import STUDENT, has_tag

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NAME = "01_tensors"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in."""
    (tmp_path / "content").mkdir()
    monkeypatch.chdir(tmp_path / "content")
    return tmp_path / "content"


def test_it_is_the_chapters_cell_and_the_tests(root):
    """What it installs, and how, is what the chapters' cell says."""
    chapter = nbformat.read(root / "notebooks" / "04_dcgan.ipynb", 4).cells[1].source
    ours = colab_cell(NAME)
    body = chapter[chapter.index("    source = os.environ.get(") :]
    assert body.replace("ganbook[samples]", "ganbook[samples,course]") in ours


def test_it_does_nothing_elsewhere(name, folder):
    exec(colab_cell(name), {})
    assert list(folder.iterdir()) == []


def test_elsewhere_it_says_what_to_install(folder, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"ganbook\[samples,course\] @ git\+https"):
        exec(colab_cell(NAME), {})


def test_on_colab_otter_finds_the_public_tests(folder, monkeypatch):
    """Otter knows Colab by its shell's name, and then wants tests as files."""
    from otter.check import utils

    class Shell:
        def __str__(self):
            return "<google.colab._shell.Shell object>"

    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    monkeypatch.setattr(utils, "get_ipython", Shell)
    names = {}
    with serve(STUDENT) as server:
        monkeypatch.setenv("GANBOOK_ASSIGNMENTS", server.url)
        for _ in range(2):  # the second time everything is there
            exec(colab_cell(NAME), names)
        assert server.downloads(f"{NAME}.ipynb") == [0]
    start = nbformat.read(STUDENT / f"{NAME}.ipynb", 4).cells[2].source
    exec(start, names)
    wrong = names["grader"].check("q1", {"to_tanh_range": lambda images: images})
    assert wrong.score == 0 and "shape" in wrong.summary()
    right = lambda images: images.permute(0, 3, 1, 2).float() / 127.5 - 1  # noqa: E731
    assert names["grader"].check("q1", {"to_tanh_range": right}).passed_all
    assert len(os.listdir("tests")) == 7


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="see tests/colab")
def test_a_student_begins_on_a_fresh_machine(tmp_path, monkeypatch):
    """The student version up to its first check, on a machine in Colab's situation."""
    machine = Machine(tmp_path / "machine")
    wheel = build_wheel(tmp_path / "wheel")
    student = nbformat.read(STUDENT / f"{NAME}.ipynb", 4)
    checks = [i for i, c in enumerate(student.cells) if c.source == 'grader.check("q1")']
    student.cells = student.cells[: checks[0] + 1]
    for cell in student.cells:
        if has_tag(cell, "otter_answer_cell"):
            cell.source = (
                "def to_tanh_range(images):\n    return images.permute(0, 3, 1, 2).float()"
            )
    notebook = tmp_path / "student.ipynb"
    nbformat.write(student, notebook)
    content = tmp_path / "content"
    content.mkdir()
    with serve(wheel.parent) as server, serve(STUDENT) as pages:
        machine.make(f"{server.url}/{wheel.name}")
        before = machine.versions()
        monkeypatch.setenv("JUPYTER_PATH", str(machine.folder / "jupyter"))
        monkeypatch.setenv("GANBOOK_ASSIGNMENTS", pages.url)
        executed = papermill.execute_notebook(
            notebook, None, cwd=content, kernel_name="colab", language="python", progress_bar=False
        )
    assert "All test cases passed!" in str(executed.cells[-1].outputs[0].data["text/plain"])
    assert {path.name for path in content.iterdir()} >= {f"{NAME}.ipynb", "tests"}
    after = machine.versions()
    kept = {
        "torch",
        "torchvision",
        "numpy",
        "scipy",
        "pandas",
        "matplotlib",
        "ipykernel",
        "ipython",
    }
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    print("replaced:", {n: (before[n], after[n]) for n in before if after.get(n) != before[n]})
    assert after["otter-grader"].startswith("7.")
