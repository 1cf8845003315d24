"""Write at the foot of each chapter when, with what and how long its notebook was run."""

import json
from datetime import date
from pathlib import Path

from docutils import nodes


def sentence(run):
    """The run's record, as `tools/execute.py` stores it, in one sentence."""
    day = date.fromisoformat(run["date"])
    minutes, seconds = divmod(round(run["seconds"]), 60)
    took = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    cores = "one CPU core" if run["cores"] == 1 else f"{run['cores']} CPU cores"
    return (
        f"The outputs on this page are from a run on {day.day} {day:%B %Y} with PyTorch "
        f"{run['torch']} and Python {run['python']}, profile {run['profile']}, "
        f"on {cores}. It took {took}."
    )


def add_foot(app, doctree):
    source = Path(app.env.doc2path(app.env.docname))
    if source.suffix != ".ipynb":
        return
    run = json.loads(source.read_text(encoding="utf-8"))["metadata"].get("ganbook")
    if run:
        foot = nodes.container(classes=["chapter-foot"])
        foot += nodes.paragraph(text=sentence(run))
        doctree += foot


def setup(app):
    app.connect("doctree-read", add_foot)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
