"""Notebooks read the same on the website, on Colab and on GitHub."""

import re
from itertools import pairwise
from urllib.parse import unquote

import nbformat
import pytest

from tests.notebooks.markdown import (
    headings,
    inline_tokens,
    markdown_cells,
    slug,
    text_headings,
)
from tools.execute import code_cells

MYST = {
    "directive": r"^\s*(?:```+|~~~+|:::+)\s*\{",
    "colon fence": r"^:::",
    "role": r"\{[a-zA-Z][\w:+-]*\}`",
    "target": r"^\([\w-]+\)=\s*$",
    "block break": r"^\+\+\+",
    "comment": r"^% ",
}
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"}


def outside_code(text):
    """Markdown without fenced code and without code spans' content."""
    text = re.sub(r"^(```+|~~~+)\w*\n.*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"(?<!\})`[^`\n]+`", "``", text)


def describes(alt):
    """An alt text of some words, not a file's name."""
    return len(alt.split()) >= 3 and not re.search(r"\.(png|jpe?g|gif|svg|webp)$", alt.strip())


@pytest.mark.parametrize("syntax", MYST)
def test_no_myst(notebook, syntax):
    for cell in markdown_cells(notebook):
        assert not re.search(MYST[syntax], outside_code(cell.source), re.MULTILINE), cell.source


def test_one_title_and_no_skipped_level(notebook):
    levels = [level for level, _ in headings(notebook)]
    assert levels[0] == 1 and levels.count(1) == 1
    for above, below in pairwise(levels):
        assert below <= above + 1, headings(notebook)


def anchors(path):
    if path.suffix == ".ipynb":
        return {slug(title) for _, title in headings(nbformat.read(path, 4))}
    return {slug(title) for _, title in text_headings(path.read_text(encoding="utf-8"))}


def test_links_lead_somewhere(path, notebook):
    for cell in markdown_cells(notebook):
        for token in inline_tokens(cell.source, "link_open"):
            target, _, anchor = unquote(token.attrs["href"]).partition("#")
            if re.match(r"https?://", target):
                continue
            file = (path.parent / target).resolve() if target else path
            assert file.is_file(), f"{target} does not exist"
            assert not anchor or anchor in anchors(file), f"{target} has no heading #{anchor}"


def test_folded_parts_leave_their_markdown_room(notebook):
    # Without the blank lines, Markdown inside <details> shows raw.
    for cell in markdown_cells(notebook):
        text = cell.source
        assert text.count("<details>") == text.count("</details>") == text.count("</summary>")
        assert not re.search(r"</summary>[^\n]*\n[^\n]", text), text
        assert not re.search(r"[^\n]\n</details>", text), text
        assert not re.search(r"</details>[ \t]*\n[^\n<]", text), text


def test_figures_are_described(notebook):
    for cell in code_cells(notebook):
        shows = any(PICTURES & set(output.get("data", {})) for output in cell.outputs)
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        assert not shows or describes(alt), f"no alt text for the figure of:\n{cell.source}"


def test_html_and_markdown_pictures_are_described(notebook):
    html = [cell.source for cell in markdown_cells(notebook)]
    for cell in code_cells(notebook):
        html += [output.get("data", {}).get("text/html", "") for output in cell.outputs]
    for tag in re.findall(r"<img\b[^>]*>", "\n".join(html)):
        alt = re.search(r'\balt="([^"]*)"', tag)
        assert alt and describes(alt[1]), tag[:200]
    for cell in markdown_cells(notebook):
        for token in inline_tokens(cell.source, "image"):
            assert describes(token.content), token.attrs["src"]
