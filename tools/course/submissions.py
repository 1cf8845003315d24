"""Find the submissions in a folder, and make each into a notebook that can be graded."""

import re
from pathlib import Path

import nbformat

from tools.course.masters import IGNORED

STARTS_TRAINING = re.compile(r"^QUICK\s*=", re.MULTILINE)
STARTS_OTTER = re.compile(r"otter\.Notebook\(\s*[\"']([^\"']+?)(?:\.ipynb)?[\"']")
OPEN_QUESTION = re.compile(r"^## Open question", re.MULTILINE)
PLACEHOLDER = "_Type your answer here, replacing this text._"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


class Refused(Exception):
    """The submission cannot be graded; the message says why."""


def submissions(folder):
    """Pairs of a student's name and a file, for all files below the folder.

    ``ada.ipynb`` is by ada, ``ada/02_gan_game.ipynb`` is by ada too; of several files in a folder
    each gets a name of its own.
    """
    files = [
        path
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    ]
    for path in files:
        parts = path.relative_to(folder).with_suffix("").parts
        alone = sum(other.parent == path.parent for other in files) == 1
        named = parts[:-1] if len(parts) > 1 and alone else parts
        yield "-".join(named), path


def read_submission(path, assignment):
    """The notebook, with our kernel and without outputs; Refused says why it cannot be graded."""
    if path.suffix != ".ipynb":
        raise Refused(f"not a notebook: the file is called {path.name}")
    try:
        notebook = nbformat.read(path, 4)
        cells = [(cell.cell_type, cell.source) for cell in notebook.cells]
    except Exception as error:  # whatever stands in a file that somebody sent
        raise Refused(f"unreadable: no notebook ({type(error).__name__})") from error
    named = {match[1] for _, source in cells for match in STARTS_OTTER.finditer(source)}
    if named and assignment not in named:
        raise Refused(f"wrong assignment: this is {', '.join(sorted(named))}")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    skip_training(notebook)
    notebook.metadata["kernelspec"] = KERNEL
    notebook.metadata.setdefault("otter", {}).pop("assignment_name", None)
    return notebook


def skip_training(notebook):
    """Tag what is not run when work is graded: the training and all code below it.

    Below it stand a student's own experiments for the open question, without tags, and they need
    what the training made. Some editors also drop the tags of the training itself.
    """
    below = False
    for cell in notebook.cells:
        if cell.cell_type == "code":
            below = below or bool(STARTS_TRAINING.search(cell.source))
            tags = cell.metadata.get("tags", [])
            if below and IGNORED not in tags:
                cell.metadata["tags"] = [*tags, IGNORED]


def open_answer(notebook):
    """What stands between the open question and the next heading, as Markdown; "" if nothing."""
    answer, asked = [], False
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        if OPEN_QUESTION.search(cell.source):
            asked = True
        elif asked and cell.source.startswith("## "):
            break
        elif asked:
            answer.append(cell.source.replace(PLACEHOLDER, "").strip())
    return "\n\n".join(filter(None, answer))
