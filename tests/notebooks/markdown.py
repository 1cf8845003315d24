"""Read the Markdown of notebooks and pages with the parser that the website is built with."""

import re
from itertools import pairwise

from markdown_it import MarkdownIt

PARSER = MarkdownIt("commonmark").enable("table")


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def headings(notebook):
    """All (level, title), in order."""
    return [pair for cell in markdown_cells(notebook) for pair in text_headings(cell.source)]


def text_headings(text):
    tokens = PARSER.parse(text)
    return [
        (int(token.tag[1]), following.content)
        for token, following in pairwise(tokens)
        if token.type == "heading_open"
    ]


def slug(title):
    """The anchor that GitHub, Colab and the website give a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def inline_tokens(text, kind):
    """All tokens of a kind, such as `link_open` or `image`."""
    for token in PARSER.parse(text):
        yield from (child for child in token.children or () if child.type == kind)
