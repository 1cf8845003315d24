"""The stored outputs are those of the stored code, run at cpu, and clean."""

import ast

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.execute import code_cells, code_hash, freshness_faults, has_tag, output_faults


def test_outputs_are_of_this_code(notebook):
    assert freshness_faults(notebook) == []


def test_outputs_are_clean(notebook):
    assert output_faults(notebook) == []


def test_compared_cells_have_an_output(notebook):
    # nbval silently passes over a tagged cell that has no count or no output.
    for cell in code_cells(notebook):
        if has_tag(cell, "nbval-check-output"):
            assert cell.execution_count and cell.outputs, cell.source


def test_the_hash_follows_the_code_but_not_the_install_cell():
    cells = [new_code_cell("install()", metadata={"tags": ["colab"]}), new_code_cell("1 + 1")]
    before = code_hash(new_notebook(cells=cells))
    cells[0].source = "install_elsewhere()"
    assert code_hash(new_notebook(cells=cells)) == before
    cells[1].source = "1 + 2"
    assert code_hash(new_notebook(cells=cells)) != before


def test_the_hash_leaves_out_exercises():
    cells = [new_code_cell("1 + 1")]
    before = code_hash(new_notebook(cells=cells))
    cells.append(new_code_cell("check.size(size)", metadata={"tags": ["exercise"]}))
    assert code_hash(new_notebook(cells=cells)) == before
    cells[1].metadata.tags = []
    assert code_hash(new_notebook(cells=cells)) != before


GPU_CELL = """if settings["photographs"]:
    train()
    show()
else:
    print("no photographs")"""


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("train()", "train()\n    save()", True),
        ("no photographs", "none", False),
        ('"photographs"', '"faces"', False),
        ("if settings", "size = 64\nif settings", False),
    ],
)
def test_the_hash_leaves_out_what_only_the_gpu_profile_runs(old, new, same):
    def hash_of(source):
        cell = new_code_cell(source, metadata={"tags": ["gpu"]})
        return code_hash(new_notebook(cells=[cell]))

    assert (hash_of(GPU_CELL) == hash_of(GPU_CELL.replace(old, new))) is same


def test_a_cpu_run_did_not_enter_the_gpu_branch(notebook):
    for cell in code_cells(notebook):
        if has_tag(cell, "gpu"):
            (branch,) = (node for node in ast.parse(cell.source).body if isinstance(node, ast.If))
            (otherwise,) = branch.orelse
            assert ast.unparse(otherwise).startswith("print(")
            assert [output.output_type for output in cell.outputs] == ["stream"]


@pytest.mark.parametrize(
    ("output", "fault"),
    [
        (new_output("error", ename="ValueError", evalue="no"), "stores the error"),
        (new_output("stream", name="stderr", text="UserWarning: no"), "writes to stderr"),
        (new_output("stream", name="stdout", text="saved to /home/me/x"), "a path of the machine"),
        (new_output("execute_result", data={"text/plain": "<A at 0x7f01ab23>"}), "an address"),
        (new_output("stream", name="stdout", text="1 %\r2 %"), "a progress bar"),
        (new_output("display_data", data={"image/png": "A" * 2_000_001}), "bytes, more than"),
    ],
)
def test_a_bad_output_is_found(output, fault):
    notebook = new_notebook(cells=[new_code_cell("x", outputs=[output])])
    assert fault in output_faults(notebook)[0]


def test_pictures_in_base64_are_no_paths():
    html = '<img alt="Noise" src="data:image/png;base64,iVBOR/tmp/home/root/AAAA">'
    output = new_output("display_data", data={"text/html": html})
    assert output_faults(new_notebook(cells=[new_code_cell("x", outputs=[output])])) == []
