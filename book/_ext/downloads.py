"""What the site carries besides its pages: the slides of each chapter, and the book as a PDF.

`make pdf` prints the finished site, so the PDF comes after it: `link_pdf` lays it beside the pages
and turns each `<span class="book-pdf">` into a link. Until then the span's words stand alone.
"""

import re
import shutil
import sys
from pathlib import Path

PDF = "hands-on-gans.pdf"
PLACE = re.compile(r'<span class="book-pdf">(.*?)</span>', re.DOTALL)


def link_pdf(site, pdf):
    """Put the PDF into the site, and a link to it wherever a page has a place for one."""
    shutil.copyfile(pdf, Path(site, PDF))
    for page in Path(site).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if PLACE.search(text):
            up = "../" * (len(page.relative_to(site).parts) - 1)
            link = rf'<a class="book-pdf" href="{up}{PDF}">\1</a>'
            page.write_text(PLACE.sub(link, text), encoding="utf-8")


def add_slides(app, error):
    if error or app.builder.name != "html":
        return
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tools.build_slides import build

    build(Path(app.outdir, "slides"), book="../")


def setup(app):
    app.connect("build-finished", add_slides)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
