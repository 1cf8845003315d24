"""Print the built website as one book, with Chromium: `make pdf`.

python tools/build_pdf.py [SITE] [PDF]     default: _build/html, _build/pdf/hands-on-gans.pdf
"""

import logging
import os
import re
import shutil
import subprocess
import sys
import tomllib
from html import unescape
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "book" / "_ext")]

from downloads import PDF, link_pdf  # noqa: E402

from tools.pdf.pages import Chapter  # noqa: E402

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
PARTS = ROOT / "tools" / "pdf"
LEFT_OUT = ("book/index", "book/teaching/", "book/quizzes/")
MINUTES = 5
logging.getLogger("pypdf").setLevel(logging.ERROR)  # it minds a trailer that Chromium writes


def chromium():
    """Where Chromium is, or a word on how to get it."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        sys.exit(
            "build_pdf: the PDF is printed by Chromium, and there is none on this machine "
            f"(looked for {', '.join(CHROMIUM)}). On Debian and Ubuntu: apt-get install chromium"
        )
    return path


def has_chinese_font():
    """Whether the machine can set Chinese; where it cannot be asked, we hope."""
    if shutil.which("fc-list") is None:
        return True
    return bool(subprocess.check_output(["fc-list", ":lang=zh", "family"], text=True).strip())


def printed_parts():
    """(caption, documents) of each part of the table of contents that goes on paper."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    for part in toc["parts"]:
        files = []
        for page in part["chapters"]:
            files += [page["file"], *(below["file"] for below in page.get("sections", []))]
        kept = [name for name in files if not name.startswith(LEFT_OUT)]
        if kept:
            yield part["caption"], kept


def read_parts(site, public):
    """(caption, chapters) of each part."""
    listed = list(printed_parts())
    chinese = has_chinese_font()
    if not chinese:
        print("No Chinese font here (fonts-noto-cjk has one): the glossary's Chinese is left out")
    documents = {name for _, names in listed for name in names}
    return [
        (caption, [Chapter(site, name, documents, public, chinese) for name in names])
        for caption, names in listed
    ]


def whole_book(site, parts, config):
    """The HTML of the book on one page."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    template = Environment(
        loader=FileSystemLoader(PARTS), trim_blocks=True, lstrip_blocks=True, autoescape=False
    ).get_template("book.html.jinja")
    return template.render(
        title=config["title"],
        subtitle="From zero to image style transfer",
        author=config["author"],
        version=project["version"],
        public=config["html"]["baseurl"],
        repository=config["repository"]["url"],
        static=(site / "_static").as_uri(),
        style=(PARTS / "print.css").as_uri(),
        parts=parts,
    )


def pages_of_headings(pdf):
    """The page of each place that a link leads to: {id: number}."""
    reader = PdfReader(pdf)
    return {
        name.lstrip("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


FILL = """pages => {
    for (const place of document.querySelectorAll("[data-page]"))
        place.textContent = pages[place.dataset.page] ?? "";
}"""


UNSET = """[...document.querySelectorAll(".bd-article .math")]
    .filter(part => !part.querySelector("mjx-container") || part.querySelector("mjx-merror"))
    .map(part => part.textContent.slice(0, 80))"""


def print_page(html, pdf):
    """Print twice: the second time with the page numbers that the first has shown.

    Without tags: Chromium would write one for each part of each formula, and 30 MB of them.
    """
    path = chromium()
    pdf.parent.mkdir(parents=True, exist_ok=True)
    source = pdf.with_suffix(".html")
    source.write_text(html, encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 650, "height": 900})
        page.set_default_timeout(MINUTES * 60_000)
        page.emulate_media(media="print", color_scheme="light")
        page.goto(source.as_uri())
        page.wait_for_selector("html[data-ready]", state="attached")
        unset = page.evaluate(UNSET)
        if unset:
            sys.exit(f"build_pdf: {len(unset)} formulas are not set, such as {unset[0]}")
        for _ in range(2):
            page.pdf(path=pdf, prefer_css_page_size=True, print_background=True, tagged=False)
            page.evaluate(FILL, pages_of_headings(pdf))
        browser.close()
    source.unlink()


def add_outline(pdf, parts, title, author):
    """Write the contents as the PDF's outline: chapters, and their sections below them."""
    pages = pages_of_headings(pdf)
    writer = PdfWriter(clone_from=pdf)
    writer.add_outline_item(title="Contents", page_number=1)  # after the title page
    for _, chapters in parts:
        for chapter in chapters:
            above = None
            for level, text, place in chapter.headings:
                name = plain(text)
                if level == 1 and chapter.label:
                    name = f"{chapter.label}: {name}"
                page = pages[place] - 1
                item = writer.add_outline_item(title=name, page_number=page, parent=above)
                above = above or item
    writer.add_metadata({"/Title": title, "/Author": author})
    writer.page_mode = "/UseOutlines"
    writer.write(pdf)


def plain(html):
    """A heading's text without markup and TeX's signs."""
    return re.sub(r"<[^>]+>|\\[()]", "", unescape(html)).strip()


def main(site=None, pdf=None):
    site = Path(site or ROOT / "_build" / "html").resolve()
    pdf = Path(pdf or ROOT / "_build" / "pdf" / PDF).resolve()
    if not (site / "index.html").is_file():
        sys.exit("build_pdf: the website is not built; run: make book")
    chromium()
    print("Printing the whole book (about a minute)")
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    parts = read_parts(site, config["html"]["baseurl"])
    print_page(whole_book(site, parts, config), pdf)
    add_outline(pdf, parts, config["title"], config["author"])
    link_pdf(site, pdf)
    size = os.path.getsize(pdf) / 1e6
    print(f"The PDF is at {pdf} ({len(PdfReader(pdf).pages)} pages, {size:.0f} MB)")


if __name__ == "__main__":
    main(*sys.argv[1:])
