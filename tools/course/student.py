"""Make otter's output into the notebook that students get."""

import re

import nbformat

from tools.course.colab_cell import colab_cell
from tools.execute import NOTEBOOK_METADATA

OTTERS_WORDS = "To double-check your work, the cell below will rerun all of the autograder tests."
OUR_WORDS = "The cell below runs all public tests once more."
COMMENT = re.compile(r"<!-- (?:BEGIN|END) QUESTION -->\n*")  # for a PDF, which we do not make


def finished(notebook, name):
    """Put the install cell and otter's start below the title; give cells ids that stay the same.

    ``notebook`` is what ``otter assign`` wrote; a new notebook comes back.
    """
    start, *cells = notebook.cells
    if "otter.Notebook(" not in start.source:
        raise ValueError(f"{name}: otter did not begin the notebook with its own cell")
    install = nbformat.v4.new_code_cell(colab_cell(name), metadata={"tags": ["colab"]})
    cells[1:1] = [install, start]
    kept = []
    for cell in cells:
        cell.source = COMMENT.sub("", cell.source).replace(OTTERS_WORDS, OUR_WORDS)
        if cell.cell_type == "markdown" and not cell.source.strip():
            continue
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        cell["id"] = f"cell-{len(kept):03d}"
        kept.append(cell)
    metadata = {**NOTEBOOK_METADATA, "otter": notebook.metadata["otter"]}
    result = nbformat.v4.new_notebook(cells=kept, metadata=metadata)
    nbformat.validate(result)
    return result
