"""Split a chapter's Markdown into what a slide shows and what its speaker says."""

import re
from dataclasses import dataclass, field
from html import escape

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin


def tex(content, options):
    left, right = (r"\[", r"\]") if options["display_mode"] else (r"\(", r"\)")
    return f"{left}{escape(content)}{right}"


PARSER = MarkdownIt("commonmark").enable("table")
PARSER.use(dollarmath_plugin, renderer=tex, allow_space=True)
# A slide is not clicked at: the text of a link is enough, and a notebook's links lead elsewhere.
for end in ("link_open", "link_close"):
    PARSER.add_render_rule(end, lambda self, tokens, place, options, env: "")
SHOWN = ("math_block", "math_block_label", "table_open")


@dataclass
class Parts:
    """A cell's headings as (level, html), the blocks to show, and the prose, all as HTML."""

    headings: list = field(default_factory=list)
    shown: list = field(default_factory=list)
    prose: list = field(default_factory=list)


def blocks(text):
    """The tokens of each block at the top level."""
    block = []
    for token in PARSER.parse(text):
        block.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield block
            block = []


def html(tokens):
    return PARSER.renderer.render(tokens, PARSER.options, {})


def inline(text):
    return PARSER.renderInline(text)


def only_a_picture(block):
    inner = block[1].children if len(block) == 3 and block[1].type == "inline" else ()
    return [token.type for token in inner] == ["image"]


def split(text):
    parts = Parts()
    for block in blocks(text):
        kind = block[0].type
        if kind == "heading_open":
            parts.headings.append((int(block[0].tag[1]), inline(block[1].content)))
        elif kind in SHOWN or only_a_picture(block):
            parts.shown.append(html(block))
        elif kind != "html_block":
            parts.prose.append(html(block))
    return parts


def all_prose(text):
    """Everything but headings and raw HTML, in its order."""
    return [html(b) for b in blocks(text) if b[0].type not in ("heading_open", "html_block")]


def first_sentence(text):
    """The first sentence of a list item, formulas and links left whole."""
    for end in re.finditer(r"[.?!] ", text):
        begun = text[: end.start() + 1]
        if begun.count("$") % 2 == 0 and begun.count("(") == begun.count(")"):
            return begun
    return text
