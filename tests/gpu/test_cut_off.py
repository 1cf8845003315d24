"""A chapter's long run at the gpu profile survives a disconnect: its cell goes on.

The kernel is killed between two checkpoints. Then the install cell, the settings and that cell
alone are run again, as the text says, and once more when the run is finished. That the weights are
those of an undisturbed run, to the bit, is shown in tests/training/test_killed_kernel.py.
"""

import nbformat
import papermill
import pytest
from nbclient.exceptions import DeadKernelError

from tests.gpu.in_the_kernel import EVERY, TOTAL
from tools.execute import all_notebooks, code_cells, has_tag, output_text


def saving_cells(notebook):
    return [c for c in code_cells(notebook) if has_tag(c, "gpu") and "CheckpointEvery" in c.source]


PATHS = [path for path in all_notebooks() if saving_cells(nbformat.read(path, 4))]


def test_the_chapters_with_a_long_run_are_here():
    assert {"04", "06", "07", "08"} <= {path.stem[:2] for path in PATHS}


def execute(notebook, first, times, folder):
    """Run ``first``, the install cell, the parameters, the settings, and the gpu cell ``times``."""
    (saving,) = saving_cells(notebook)
    start = [nbformat.v4.new_code_cell(first), *code_cells(notebook)[:3]]
    again = [nbformat.v4.new_code_cell(saving.source) for _ in range(times)]
    short = nbformat.v4.new_notebook(cells=[*start, *again], metadata=notebook.metadata)
    nbformat.write(short, folder.with_suffix(".ipynb"))
    executed = papermill.execute_notebook(
        folder.with_suffix(".ipynb"),
        None,
        parameters={"PROFILE": "gpu"},
        cwd=folder,
        kernel_name="python3",
        progress_bar=False,
        execution_timeout=300,
    )
    return ["".join(map(output_text, cell.outputs)) for cell in executed.cells[-times:]]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_goes_on_after_a_kill_and_a_finished_run_trains_no_more(
    path, archives, first, tmp_path, monkeypatch
):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    notebook, folder = nbformat.read(path, 4), tmp_path / "drive"
    folder.mkdir()
    with pytest.raises(DeadKernelError):
        execute(notebook, first("prepare_to_resume", kill_after=EVERY + 1), 1, folder)
    (checkpoint,) = (folder / "runs").iterdir()
    downloaded = len(archives.asked)
    resumed, finished = execute(notebook, first("prepare_to_resume"), 2, folder)
    assert f"from step {EVERY} to {TOTAL}\n" in resumed
    assert f"from step {TOTAL} to {TOTAL}\n" in finished
    assert list((folder / "runs").iterdir()) == [checkpoint]
    again = {name for method, name, _ in archives.asked[downloaded:] if method == "GET"}
    assert again == {"facts.json"}, "data that were there are downloaded again"
