"""Fold the install cell, which opens every notebook for Colab's sake, into one line on the page."""

from docutils import nodes

OPEN = '<details class="install-cell"><summary>Install ganbook on Colab</summary>'


def fold(app, doctree):
    for cell in list(doctree.findall(nodes.container)):
        if "tag_colab" in cell["classes"]:
            place = cell.parent.index(cell)
            cell.parent.insert(place + 1, nodes.raw("", "</details>", format="html"))
            cell.parent.insert(place, nodes.raw("", OPEN, format="html"))


def setup(app):
    app.connect("doctree-read", fold)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
