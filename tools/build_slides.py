"""Make the slides of every chapter out of its notebook: reveal.js, without the internet.

python tools/build_slides.py [FOLDER]     default: _build/slides
"""

import argparse
import re
import shutil
import sys
from importlib.metadata import files
from pathlib import Path

import nbformat
import yaml
from jinja2 import Environment, FileSystemLoader
from pygments.formatters import HtmlFormatter

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "book" / "_ext")]

from local_mathjax import copy_mathjax_to  # noqa: E402

from tools.execute import all_notebooks  # noqa: E402
from tools.slides.chapter import read_deck  # noqa: E402

PARTS = ROOT / "tools" / "slides"
STATIC = ROOT / "book" / "_static"
REVEAL = ("dist/reveal.js", "dist/reveal.css", "plugin/notes/notes.js", "LICENSE")
THEMES = {"light": "a11y-high-contrast-light", "dark": "a11y-high-contrast-dark"}


def settings():
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


def copy_shared(folder):
    """What all decks load: reveal.js, MathJax and the look."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files("sphinx-revealjs"):
        name = file.as_posix().partition("_static/revealjs/")[2]
        if name in REVEAL:
            target = "reveal-LICENSE" if name == "LICENSE" else Path(name).name
            shutil.copyfile(file.locate(), folder / target)
    copy_mathjax_to(folder / "mathjax")
    for source in (PARTS / "deck.css", PARTS / "deck.js", *STATIC.glob("favicon.svg")):
        shutil.copyfile(source, folder / source.name)
    shutil.copyfile(STATIC / "book.css", folder / "book.css")
    code = (
        HtmlFormatter(style=style).get_style_defs(f'html[data-theme="{theme}"] .highlight')
        for theme, style in THEMES.items()
    )
    (folder / "code.css").write_text("\n".join(code), encoding="utf-8")


def links(name, book):
    """Where the last slide leads; `book` is the address of the site's root, with a slash."""
    yield "Read the chapter", f"{book}notebooks/{name}.html"
    if (ROOT / "book" / "quizzes" / f"{name}.md").is_file():
        yield "Take the quiz", f"{book}book/quizzes/{name}.html"


def build(folder, book=None):
    """Write every deck to a folder and return the decks' paths."""
    config = settings()
    book = book or config["html"]["baseurl"]
    copy_shared(folder / "shared")
    (folder / "pictures").mkdir(exist_ok=True)
    template = Environment(
        loader=FileSystemLoader(PARTS), trim_blocks=True, lstrip_blocks=True, autoescape=False
    ).get_template("deck.html.jinja")
    paths = []
    for path in all_notebooks():
        deck = read_deck(path.stem, nbformat.read(path, 4), links(path.stem, book))
        for name, data in deck.pictures.items():
            (folder / "pictures" / name).write_bytes(data)
        html = template.render(
            deck=deck,
            plain_title=re.sub(r"<[^>]+>", "", deck.title),
            book=config["title"],
            author=config["author"],
        )
        paths.append(folder / f"{path.stem}.html")
        paths[-1].write_text(html, encoding="utf-8")
        print(f"{paths[-1]}: {len(deck.slides)} slides")
    return paths


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "_build" / "slides")
    build(parser.parse_args().folder)
