"""The printed book: complete, with contents that lead somewhere, and nothing cut or missing."""

import os
import re

import nbformat
import pytest
from pypdf import PdfReader

from tools import build_pdf
from tools.execute import all_notebooks
from tools.pdf.pages import Chapter

MOST_BYTES = 40_000_000


@pytest.fixture(scope="module")
def path(site):
    path = site / "hands-on-gans.pdf"
    if not path.is_file():
        reason = "the PDF is not built; run: make pdf"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return path


@pytest.fixture(scope="module")
def pdf(path):
    return PdfReader(path)


@pytest.fixture(scope="module")
def texts(pdf):
    """The text by page number: title, contents, and every seventh page; reading all takes long."""
    numbers = [*range(1, 13), *range(14, len(pdf.pages) + 1, 7)]
    return {number: pdf.pages[number - 1].extract_text() for number in numbers}


def flat(outline, above=()):
    """All titles of an outline, each with those above it."""
    found, last = [], None
    for item in outline:
        if isinstance(item, list):
            found += flat(item, (*above, last))
        else:
            last = item.title
            found.append((*above, last))
    return found


def test_size_and_names(path, pdf, config):
    assert 100 < len(pdf.pages) < 1200
    assert path.stat().st_size <= MOST_BYTES
    assert pdf.metadata.title == config["title"] and pdf.metadata.author == config["author"]


def test_the_title_page_tells_version_and_licence(texts, config):
    for words in (config["title"], "Version 0.", "CC BY 4.0", "MIT"):
        assert words in " ".join(texts[1].split())


def test_the_outline_has_every_chapter_and_its_sections(pdf):
    titles = flat(pdf.outline)
    chapters = [title[0] for title in titles if re.match("Chapter|Appendix", title[0])]
    assert len(set(chapters)) == len(all_notebooks())
    for notebook in all_notebooks():
        cells = nbformat.read(notebook, 4).cells
        name = next(c.source for c in cells if c.source.startswith("# ")).splitlines()[0][2:]
        below = [title[1] for title in titles if name in title[0] and len(title) == 2]
        assert below[-3:] == ["Exercises", "Summary", "Sources"], name


def test_contents_give_the_right_page(pdf, texts):
    contents = "\n".join(texts[number] for number in range(2, 13))
    for item in pdf.outline:
        if not isinstance(item, list) and item.title.startswith("Chapter"):
            number = pdf.get_destination_page_number(item) + 1
            title = item.title.partition(": ")[2]
            assert re.search(rf"{re.escape(title)}\s*{number}\b", contents), (title, number)
            assert title.split()[0] in pdf.pages[number - 1].extract_text()


def test_links_inside_lead_somewhere(pdf):
    places, inside = pdf.named_destinations, 0
    for page in pdf.pages:
        for link in page.get("/Annots") or []:
            link = link.get_object()
            goal = link.get("/Dest") or link.get("/A", {}).get("/D")
            if goal is not None:
                assert str(goal) in places, goal
                inside += 1
            else:
                assert re.match(r"https?://|mailto:", link["/A"]["/URI"]), link
    assert inside > 500


def test_no_formula_is_left_as_source(texts):
    for number, text in texts.items():
        assert not re.search(r"\\[()\[\]]|\\frac|\\mathbb|\$\$|Math input error", text), number


def test_no_page_is_empty_and_no_sign_is_missing(pdf, texts):
    for number, page in enumerate(pdf.pages, start=1):
        drawn = len(page["/Contents"].get_object().get_data())
        assert drawn > 1500 or "/XObject" in page["/Resources"], f"page {number} is empty"
    assert not any("\ufffd" in text for text in texts.values())


def test_fonts_are_inside(pdf):
    checked = 0
    for page in pdf.pages[::40]:
        fonts = page["/Resources"].get("/Font", {})
        for font in (font.get_object() for font in fonts.get_object().values()):
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            if inner["/Subtype"] != "/Type3":  # those carry their drawings themselves
                descriptor = inner["/FontDescriptor"].get_object()
                assert any(f"/FontFile{kind}" in descriptor for kind in ("", 2, 3)), font
            checked += 1
    assert checked


def test_the_site_links_it(site, path):
    linked = [p for p in site.rglob("*.html") if 'class="book-pdf" href=' in p.read_text("utf-8")]
    assert linked


def test_without_chromium_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(build_pdf.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="apt-get install chromium"):
        build_pdf.chromium()


def test_without_the_site_it_says_how_to_build_it(tmp_path):
    with pytest.raises(SystemExit, match="make book"):
        build_pdf.main(tmp_path)


@pytest.fixture
def small(tmp_path):
    """Two pages of a site, as Chapter reads them."""
    (tmp_path / "notebooks").mkdir()
    body = (
        '<h1>One<a class="headerlink" href="#one">#</a></h1><p id="here"><a href="#here">a</a>'
        '<a href="02_b.html#there">b</a><a href="../book/index.html">c</a></p>'
        '<section id="exercises"><h2>Exercises</h2><p><strong>1. Try.</strong> Do.</p>'
        "<details><summary>Solution</summary><p>So.</p></details>"
        "<p><strong>2. Again.</strong> Do.</p></section><h2>Summary</h2>"
        '<p><span lang="zh-Hans">汉</span> · rest</p>'
    )
    page = f'<html><body><article class="bd-article">{body}</article></body></html>'
    (tmp_path / "notebooks" / "01_a.html").write_text(page, encoding="utf-8")
    return lambda **options: Chapter(
        tmp_path,
        "notebooks/01_a",
        {"notebooks/01_a", "notebooks/02_b"},
        "https://book/",
        **options,
    )


def test_links_are_turned_for_one_page(small):
    links = [tag["href"] for tag in small().article.find_all("a")]
    assert links == [
        "#notebooks-01_a--here",
        "#notebooks-02_b--there",
        "https://book/book/index.html",
    ]


def test_solutions_stand_at_the_end_of_the_exercises(small):
    exercises = small().article.find("section").get_text("|", strip=True)
    assert exercises == "Exercises|1. Try.|Do.|2. Again.|Do.|Solutions|1. Try.|So."


def test_chinese_goes_where_no_font_has_it(small):
    assert "汉 · rest" in small().article.get_text()
    assert small(chinese=False).article.find_all("p")[-1].get_text() == "rest"


def test_headings_and_label(small):
    chapter = small()
    assert [(level, text) for level, text, _ in chapter.headings] == [
        (1, "One"),
        (2, "Exercises"),
        (2, "Summary"),
    ]
    assert chapter.label == "Chapter 1"
