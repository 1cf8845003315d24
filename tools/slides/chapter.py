"""A chapter's slides, read off the tags of its notebook's cells.

A Markdown cell tagged `slide` begins a slide: its heading, display formulas and tables show, its
prose is what the speaker says; a section without a slide is said with the next one. A code cell
shows its pictures (`slide-picture`), its source (`slide-code`) or what it printed (`slide-output`);
it joins the slide begun before it, if that has only a headline so far, else it begins one.
`slide_title` in a cell's metadata is the headline in place of the section's heading. `slide-cover`
puts a picture on the title slide.
"""

import re
from base64 import b64decode
from dataclasses import dataclass, field
from html import escape
from io import BytesIO

from bs4 import BeautifulSoup
from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tools.execute import has_tag
from tools.slides.markdown import all_prose, first_sentence, inline, split

WIDTH, HEIGHT = 1168, 548  # what a slide of 1280 x 720 has below its headline
TALL = (760, 640)  # ... and beside it
SMALLEST, LARGEST = 24, 38  # pixels of type that the last row can read
MOST_BLOCKS = 3  # formulas or tables of one cell
LARGEST_ZOOM = 4
LETTER, LINE = 0.605, 1.3  # of a fixed-width font, in its size
KINDS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


@dataclass
class Slide:
    """One slide: a headline, what it shows, and what the speaker says, as HTML."""

    title: str
    kind: str = ""
    body: list = field(default_factory=list)
    notes: list = field(default_factory=list)


@dataclass
class Deck:
    """A chapter's slides, and its pictures by file name."""

    name: str
    title: str = ""
    slides: list = field(default_factory=list)
    pictures: dict = field(default_factory=dict)

    @property
    def label(self):
        number = self.name.partition("_")[0]
        return f"Chapter {int(number)}" if number.isdigit() else f"Appendix {number}"


def type_size(lines, source, where):
    """The largest type, in pixels, in which source or printed text fits on a slide."""
    rows = source.rstrip().splitlines()
    size = min(
        LARGEST,
        int(WIDTH / LETTER / max(map(len, rows))),
        int(HEIGHT / LINE / max(lines, 1)),
    )
    if size < SMALLEST:
        raise ValueError(
            f"{where}: {lines} lines of up to {max(map(len, rows))} letters do not fit on a slide "
            f"in type of {SMALLEST} pixels"
        )
    return size


def pictures(cell):
    """The (kind, bytes, alt text) of each picture that a cell shows."""
    for output in cell.outputs:
        data = output.get("data", {})
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        for mime, kind in KINDS.items():
            if mime in data:
                yield kind, b64decode(data[mime]), alt
        for tag in BeautifulSoup(data.get("text/html", ""), "html.parser").find_all("img"):
            mime, found, code = tag["src"].removeprefix("data:").partition(";base64,")
            if found:
                yield KINDS[mime], b64decode(code), tag["alt"]


def show_pictures(deck, cell, room=(WIDTH, HEIGHT)):
    """The cell's pictures as HTML, as large as fits, and whether they are better beside the title.

    Raises a ValueError if the cell shows none.
    """
    found = list(pictures(cell))
    if not found:
        raise ValueError(f"{deck.name}, cell {cell.id}: there is no picture to show")
    shown = []
    tall = False
    for number, (kind, data, alt) in enumerate(found):
        name = f"{deck.name}-{cell.id}-{number}.{kind}"
        deck.pictures[name] = data
        with Image.open(BytesIO(data)) as picture:
            size = picture.size
        share = ((room[0] - 24 * (len(found) - 1)) / len(found), room[1])
        zoom = zoom_into(size, share)
        if len(found) == 1 and room[1] == HEIGHT and zoom_into(size, TALL) > 1.05 * zoom:
            tall, zoom = True, zoom_into(size, TALL)
        width, height = (int(side * zoom) for side in size)
        shown.append(
            f'<img src="pictures/{name}" width="{width}" height="{height}" '
            f'alt="{escape(alt, quote=True)}">'
        )
    return f'<div class="pictures">{"".join(shown)}</div>', tall


def zoom_into(size, room):
    return min(room[0] / size[0], room[1] / size[1], LARGEST_ZOOM)


def show_text(deck, cell):
    """A cell's source, what it printed, or one above the other."""
    where = f"{deck.name}, cell {cell.id}"
    source = cell.source if has_tag(cell, "slide-code") else ""
    printed = ""
    if has_tag(cell, "slide-output"):
        streams = (output.text for output in cell.outputs if output.output_type == "stream")
        printed = "".join(streams)
        if not printed:
            raise ValueError(f"{where}: nothing was printed")
    both = (source.rstrip() + "\n\n" if source and printed else source) + printed.rstrip()
    size = type_size(len(both.splitlines()), both, where)
    shown = ""
    if source:
        shown += highlight(source, PythonLexer(), HtmlFormatter())
    if printed:
        shown += f"<pre>{escape(printed.rstrip())}</pre>"
    return f'<div class="text" style="font-size: {size}px">{shown}</div>'


class Reader:
    """Goes through a notebook's cells, up to the exercises, and writes down the slides."""

    def __init__(self, name, notebook):
        self.deck = Deck(name)
        self.section = ""
        self.waiting = []  # what is said with the next slide
        cells = notebook.cells
        for place, cell in enumerate(cells):
            if cell.cell_type == "markdown":
                if re.search(r"^## Exercises", cell.source, re.MULTILINE):
                    break
                following = cells[place + 1] if place + 1 < len(cells) else None
                self.read_markdown(cell, following)
            elif cell.cell_type == "code":
                self.read_code(cell)
        self.say_what_waits()

    def say_what_waits(self):
        self.deck.slides[-1].notes += self.waiting
        self.waiting = []

    def begin(self, cell, kind=""):
        title = cell.metadata.get("slide_title")
        slide = Slide(inline(title) if title else self.section, kind)
        self.deck.slides.append(slide)
        self.say_what_waits()
        return slide

    def read_markdown(self, cell, following):
        found = re.search(r"^#{2,3} ", cell.source, re.MULTILINE)
        start = found.start() if found and self.deck.slides else 0
        said = all_prose(cell.source[:start])  # above the heading: about what was shown last
        if self.waiting:
            self.waiting += said
        elif said:
            self.deck.slides[-1].notes += said
        parts = split(cell.source[start:])
        for level, heading in parts.headings:
            if level == 1:
                self.deck.title = heading
                self.deck.slides.append(Slide(heading, "cover"))
            else:
                self.section = heading
        waits = bool(self.waiting)  # a section without a slide so far is said with the next one
        if has_tag(cell, "slide"):
            slide = self.begin(cell)
            shown = parts.shown or split(cell.source[:start]).shown
            if len(shown) > MOST_BLOCKS:  # a derivation: its result is shown, the way there is said
                slide.notes += shown[:-1]
                shown = shown[-1:]
            slide.body += shown
            slide.notes += parts.prose
            return
        self.waiting += all_prose(cell.source[start:])
        new_section = bool(parts.headings) and parts.headings[0][0] > 1
        awaited = following is not None and begins_a_slide(following, self.deck.slides[-1])
        if not (new_section or awaited or waits):
            self.say_what_waits()

    def read_code(self, cell):
        if has_tag(cell, "slide-cover"):
            picture, _ = show_pictures(self.deck, cell, room=(WIDTH, 330))
            self.deck.slides[0].body.append(picture)
        shown = []
        if has_tag(cell, "slide-code") or has_tag(cell, "slide-output"):
            shown.append((show_text(self.deck, cell), False))
        if has_tag(cell, "slide-picture"):
            shown.append(show_pictures(self.deck, cell))
        for part, tall in shown:
            slide = self.deck.slides[-1]
            if slide.body or slide.kind or "slide_title" in cell.metadata:
                slide = self.begin(cell)
            slide.body.append(part)
            slide.kind = "tall" if tall else slide.kind
        if shown:
            self.say_what_waits()


def begins_a_slide(cell, slide):
    """Whether this code cell does not go on the slide that is open."""
    tags = cell.metadata.get("tags", [])
    shows = any(tag in tags for tag in ("slide-picture", "slide-code", "slide-output"))
    return shows and bool(slide.body or slide.kind or "slide_title" in cell.metadata)


def section(notebook, heading):
    """The Markdown of one section at the end of a chapter."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def summary_slides(notebook):
    """The first sentence of each point of the summary, on one slide or on two."""
    text = section(notebook, "Summary")
    points = re.findall(r"^- (.+?)(?=\n- |\n*\Z)", text, re.MULTILINE | re.DOTALL)
    if not points:
        raise ValueError("the summary has no points")
    items = [first_sentence(" ".join(point.split())) for point in points]
    rows = sum(1 + len(item) // 84 for item in items)
    parts = -(-rows // 14)
    share = -(-len(items) // parts)
    for start in range(0, len(items), share):
        slide = Slide("Summary" if start == 0 else "Summary, continued", "points")
        points = "".join(f"<li>{inline(item)}</li>" for item in items[start : start + share])
        slide.body.append(f"<ul>{points}</ul>")
        slide.notes.append(split(text).prose[0])
        yield slide


def exercise_names(notebook):
    """The exercises' names; the first sentence of one that has only its kind, as `(open)`."""
    text = section(notebook, "Exercises")
    found = re.findall(r"^\*\*\d+\.? (.+?)\*\* (.+)", text, re.MULTILINE)
    return [first_sentence(rest) if name[0] == "(" else name.rstrip(".") for name, rest in found]


def read_deck(name, notebook, links=()):
    """The whole deck; `links` are (text, address) pairs for its last slide."""
    deck = Reader(name, notebook).deck
    deck.slides += summary_slides(notebook)
    last = Slide("Now you", "points")
    names = "".join(f"<li>{inline(title)}</li>" for title in exercise_names(notebook))
    last.body.append(f"<ol>{names}</ol>")
    anchors = (f'<a href="{escape(url)}">{escape(text)}</a>' for text, url in links)
    last.body.append(f'<p class="links">{" · ".join(anchors)}</p>')
    deck.slides.append(last)
    return deck
