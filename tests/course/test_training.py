"""The parts that are not graded run too: every solved notebook as a whole, with a few steps."""

import nbformat

from tools.course.masters import IGNORED, has_tag
from tools.run_course import run

PICTURES = {"image/png", "image/jpeg", "text/html"}


def test_the_solved_notebook_runs_quickly(name, build_once, tmp_path):
    there = run(name, quick=True, out=tmp_path, target=tmp_path / "executed.ipynb")
    notebook = nbformat.read(there, 4)
    training = [c for c in notebook.cells if c.cell_type == "code" and has_tag(c, IGNORED)]
    drawing = [c for c in training if any(PICTURES & set(o.get("data", {})) for o in c.outputs)]
    assert drawing, "the training part draws nothing"
    for cell in drawing:
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        assert len(alt.split()) >= 3, f"no alt text for the figure of:\n{cell.source}"
    checks = [c for c in notebook.cells if c.source.startswith("grader.check(")]
    for cell in checks:
        assert "passed!" in str(cell.outputs), cell.outputs
    assert not [
        o for c in notebook.cells for o in c.get("outputs", ()) if o.get("name") == "stderr"
    ]
    assert not [c for c in notebook.cells if has_tag(c, "injected-parameters")]
