"""Join the built site's pages into one page to print."""

import base64
import io
import re
from copy import copy
from pathlib import Path
from posixpath import normpath
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from PIL import Image

ANIMATION = re.compile(r"^data:image/(webp|gif);base64,")
NOT_PRINTED = (
    "a.headerlink",
    "button",
    "script",
    "details.install-cell",
    ".companions",
    ".d-print-none",
)


def anchor(document, name=""):
    """The id, in the whole book, of a page or of a place on it."""
    return document.replace("/", "-") + (f"--{name}" if name else "")


def last_frame(url):
    """An animation's last picture, as a data URL: paper shows where the training ended."""
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as film:
        film.seek(getattr(film, "n_frames", 1) - 1)
        buffer = io.BytesIO()
        film.convert("RGB").save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


class Chapter:
    """One page of the site, made ready for paper.

    Its ids and the links to them get the page's name in front; links to pages that are not printed
    lead to the site's public address; solutions stand together at the end of the exercises.
    """

    def __init__(self, site, document, documents, public, chinese=True):
        self.document, self.documents, self.public = document, documents, public
        self.folder = site / Path(document).parent
        self.page = BeautifulSoup((site / f"{document}.html").read_text("utf-8"), "html.parser")
        self.article = self.page.select_one("article.bd-article")
        for tag in self.article.select(", ".join(NOT_PRINTED)):
            tag.decompose()
        if not chinese:
            self.drop_chinese()
        self.gather_solutions()
        for tag in self.article.find_all("details"):
            tag["open"] = ""
        for tag in self.article.find_all(id=True):
            tag["id"] = anchor(document, tag["id"])
        for tag in self.article.find_all("a", href=True):
            tag["href"] = self.link(tag["href"])
        for tag in self.article.find_all("img"):
            source = tag["src"]
            if ANIMATION.match(source):
                tag["src"] = last_frame(source)
            elif not source.startswith("data:"):
                tag["src"] = (self.folder / source).resolve().as_uri()
            tag.attrs.pop("loading", None)
        self.headings = self.name_headings()

    def link(self, href):
        target = urlsplit(href)
        if target.scheme or target.netloc:
            return href
        path = normpath(f"{Path(self.document).parent.as_posix()}/{target.path}")
        document = path.removesuffix(".html") if target.path else self.document
        if document in self.documents:
            return "#" + anchor(document, target.fragment)
        return self.public + path + (f"#{target.fragment}" if target.fragment else "")

    def drop_chinese(self):
        """Without a font for them, the glossary's Chinese words would be empty boxes."""
        index = self.article.find("section", id="index-of-chinese-terms")
        if index is not None:
            index.decompose()
            for tag in self.article.h1.find_next_siblings("p"):  # they speak of the Chinese terms
                tag.decompose()
        for tag in self.article.find_all(lang="zh-Hans"):
            following = tag.next_sibling
            if isinstance(following, str):
                following.replace_with(following.removeprefix(" · "))
            tag.decompose()

    def gather_solutions(self):
        exercises = self.article.find("section", id="exercises")
        if exercises is None:
            return
        gathered = self.page.new_tag("section", id="solutions")
        heading = self.page.new_tag("h3")
        heading.string = "Solutions"
        gathered.append(heading)
        name = None
        for tag in exercises.find_all(["strong", "details"]):
            if tag.name == "strong" and re.match(r"\d+\b", tag.get_text()):
                name = tag
            elif tag.name == "details" and tag.summary.get_text(strip=True) == "Solution":
                tag.summary.clear()
                tag.summary.append(copy(name))
                gathered.append(tag.extract())
        exercises.append(gathered)

    def name_headings(self):
        """Give each heading of the first two levels an id; return (level, text, id)."""
        found = []
        for tag in self.article.find_all(["h1", "h2"]):
            level = int(tag.name[1])
            tag["id"] = anchor(self.document, "" if level == 1 else f"h{len(found)}")
            found.append((level, tag.decode_contents(), tag["id"]))
        return found

    @property
    def label(self):
        """Chapter 4, Appendix A1, or nothing."""
        found = re.match(r"notebooks/(\w\d)_", self.document)
        if not found:
            return ""
        return f"Chapter {int(found[1])}" if found[1].isdigit() else f"Appendix {found[1]}"

    def html(self):
        if self.label:
            label = BeautifulSoup(f'<p class="label">{self.label}</p>', "html.parser")
            self.article.h1.insert_before(label)
        return f'<article class="bd-article">{self.article.decode_contents()}</article>'
