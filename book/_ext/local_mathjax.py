"""Serve MathJax from the site itself: copy what the pages need out of `sphinx-mathjax-offline`.

The package's own extension copies 19 MB, every output format and speech in many languages.
"""

import shutil
from importlib.metadata import files
from pathlib import Path

PACKAGE = "sphinx-mathjax-offline"
SCRIPT = "tex-chtml.js"
NEEDED = (SCRIPT, "input/tex/extensions/", "output/chtml/fonts/woff-v2/")


def copy_mathjax_to(folder):
    """Copy the script, its TeX extensions and its fonts into a folder."""
    for file in files(PACKAGE):
        name = file.as_posix().partition("static/mathjax/")[2]
        if name.startswith(NEEDED):
            target = Path(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.locate(), target)


def copy_mathjax(app, error):
    if not error and app.builder.format == "html":
        copy_mathjax_to(Path(app.outdir, "_static", "mathjax"))


def setup(app):
    app.config.mathjax_path = f"mathjax/{SCRIPT}"
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
