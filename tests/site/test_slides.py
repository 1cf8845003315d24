"""The decks in real Chromium: every slide fits, every picture shows, keys and printing work."""

import io
from pathlib import PurePosixPath

import nbformat
import pytest
from pypdf import PdfReader

from tools.execute import all_notebooks
from tools.slides.chapter import read_deck
from tools.slides.markdown import first_sentence, split

SIZE = {"width": 1280, "height": 720}
SMALLEST = 24  # pixels; what the last row can read
ON_MARKDOWN = {"slide"}
ON_CODE = {"slide-picture", "slide-code", "slide-output", "slide-cover"}

# What leaves the slide, is too small to read, or is broken; the speaker's notes do not show.
FAULTS = """smallest => {
    const slide = Reveal.getCurrentSlide(), room = slide.getBoundingClientRect(), faults = [];
    for (const part of slide.querySelectorAll("*")) {
        if (part.closest(".notes, mjx-assistive-mml")) continue;
        const box = part.getBoundingClientRect();
        const name = `${part.tagName} ${part.textContent.trim().slice(0, 40)}`;
        if (!box.width || !box.height) continue;
        if (box.left < room.left || box.top < room.top ||
            box.right > room.right - 16 || box.bottom > room.bottom - 16)
            faults.push(`leaves the slide: ${name}`);
        const text = [...part.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (text && parseFloat(getComputedStyle(part).fontSize) < smallest)
            faults.push(`small type: ${name}`);
        if (part.tagName === "IMG" && !part.naturalWidth) faults.push(`broken: ${part.src}`);
        if (part.tagName === "IMG" && part.alt.split(" ").length < 3)
            faults.push(`no alt text: ${part.src}`);
        if (part.tagName === "MJX-MERROR") faults.push(`formula: ${name}`);
    }
    const parts = [...slide.children].filter(p => !p.matches(".notes"));
    for (let i = 1; i < parts.length; i++) {
        const [above, below] = [parts[i - 1], parts[i]].map(p => p.getBoundingClientRect());
        if (!slide.matches(".tall") && below.top < above.bottom - 1) faults.push("parts overlap");
    }
    return faults;
}"""

at_1280 = pytest.mark.parametrize("width", [1280], indirect=True)


def open_deck(page, chapter, question=""):
    page.set_viewport_size(SIZE)
    page.goto(f"slides/{PurePosixPath(chapter).name}.html{question}")
    page.wait_for_selector("html[data-ready]", state="attached")
    return page.evaluate("Reveal.getTotalSlides()")


@at_1280
def test_every_slide_fits(page, chapter):
    total = open_deck(page, chapter)
    assert 15 <= total <= 35
    page.wait_for_load_state("networkidle")
    faults = []
    for number in range(total):
        assert page.evaluate("Reveal.getIndices().h") == number  # the arrow key turned the page
        faults += [f"{number + 1}: {fault}" for fault in page.evaluate(FAULTS, SMALLEST)]
        page.keyboard.press("ArrowRight")
    assert faults == []
    noted = page.locator(".slides > section:has(.notes)").count()
    assert noted >= 0.7 * total, "most slides have the chapter's prose as notes"
    assert page.locator(".slides > section:has(img)").count() >= 0.25 * total
    assert page.faults == []


@at_1280
def test_a_deck_prints_a_page_a_slide(page, chapter):
    page.set_viewport_size(SIZE)
    page.goto(f"slides/{PurePosixPath(chapter).name}.html?print-pdf")
    page.wait_for_selector("html[data-ready]", state="attached")
    page.wait_for_selector(".pdf-page", state="attached")
    slides = page.locator(".slides section").count()
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert len(printed.pages) == slides
    box = printed.pages[0].mediabox
    assert float(box.width / box.height) == pytest.approx(16 / 9, rel=0.01)
    assert page.faults == []


@at_1280
def test_dark_and_light(page):
    page.emulate_media(color_scheme="dark")
    open_deck(page, "notebooks/04_dcgan")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.keyboard.press("d")
    light = page.evaluate(ground)
    assert dark != light == "rgb(255, 255, 255)"
    page.keyboard.press("d")
    assert page.evaluate(ground) == dark
    assert page.faults == []


@at_1280
def test_the_last_slide_leads_to_the_chapter(page):
    total = open_deck(page, "notebooks/04_dcgan")
    page.evaluate(f"Reveal.slide({total - 1})")
    page.get_by_role("link", name="Read the chapter").click()
    page.wait_for_url("**/notebooks/04_dcgan.html")
    assert page.faults == []


@at_1280
def test_speaker_notes(page):
    open_deck(page, "notebooks/04_dcgan")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    popup.value.wait_for_selector(".speaker-controls-notes:not(.hidden)", state="attached")
    assert page.faults == []


@pytest.mark.parametrize("path", all_notebooks(), ids=lambda path: path.stem)
def test_tags_are_where_they_work(path):
    for cell in nbformat.read(path, 4).cells:
        tags = {tag for tag in cell.metadata.get("tags", []) if tag.startswith("slide")}
        allowed = ON_CODE if cell.cell_type == "code" else ON_MARKDOWN
        assert tags <= allowed, f"{cell.id}: {tags - allowed}"
        title = cell.metadata.get("slide_title")
        assert title is None or (tags and title.strip()), f"{cell.id}: a title without a slide"


def notebook(*cells):
    end = "## Exercises\n\n**1. Try (easy).** Do.\n\n## Summary\n\n- One. Two.\n\n## Sources\n"
    last = nbformat.v4.new_markdown_cell(end)
    first = nbformat.v4.new_markdown_cell("# Title")
    return nbformat.v4.new_notebook(cells=[first, *cells, last])


def code(source, printed="", **metadata):
    outputs = [nbformat.v4.new_output("stream", text=printed)] if printed else []
    return nbformat.v4.new_code_cell(source, outputs=outputs, metadata=metadata)


def test_a_deck_is_read_off_the_tags():
    question = nbformat.v4.new_markdown_cell(
        "## Why?\n\nBecause.\n\n$$a^2$$", metadata={"tags": ["slide"]}
    )
    shown = code("print(1)", "1\n", tags=["slide-code", "slide-output"], slide_title="It is *one*")
    deck = read_deck("04_x", notebook(question, code("hidden = 1"), shown), [("Read", "../x.html")])
    assert [slide.title for slide in deck.slides] == [
        "Title",
        "Why?",
        "It is <em>one</em>",
        "Summary",
        "Now you",
    ]
    assert r"\[a^2\]" in deck.slides[1].body[0] and "Because." in deck.slides[1].notes[0]
    assert "hidden" not in str(deck.slides)
    assert "One." in deck.slides[3].body[0] and "Two." not in deck.slides[3].body[0]
    assert "Try (easy)" in deck.slides[4].body[0] and "../x.html" in deck.slides[4].body[1]
    assert deck.label == "Chapter 4"


def test_an_exercise_without_a_name_gives_its_first_sentence():
    deck = notebook()
    deck.cells[-1].source = deck.cells[-1].source.replace(
        "**1. Try (easy).** Do.", "**1 (open).** Go. On."
    )
    assert "<li>Go.</li>" in read_deck("04_x", deck).slides[-1].body[0]


def test_prose_before_a_picture_is_said_with_it():
    text = nbformat.v4.new_markdown_cell("Look at the number.")
    first, second = (code("1", n, tags=["slide-output"], slide_title=n) for n in ("a", "b"))
    deck = read_deck("04_x", notebook(first, text, second))
    assert deck.slides[1].notes == [] and "Look" in deck.slides[2].notes[0]


def test_what_cannot_be_read_from_the_last_row_is_refused():
    with pytest.raises(ValueError, match=r"40 lines of up to 5 letters do not fit"):
        read_deck("04_x", notebook(code("x = 1\n" * 40, tags=["slide-code"])))
    with pytest.raises(ValueError, match="1 lines of up to 120 letters do not fit"):
        read_deck("04_x", notebook(code("x" * 120, tags=["slide-code"])))


def test_a_tag_with_nothing_to_show_is_refused():
    with pytest.raises(ValueError, match="there is no picture to show"):
        read_deck("04_x", notebook(code("x = 1", tags=["slide-picture"])))
    with pytest.raises(ValueError, match="nothing was printed"):
        read_deck("04_x", notebook(code("x = 1", tags=["slide-output"])))


def test_first_sentence():
    assert first_sentence("One (a. b) $x. y$ two. Three.") == "One (a. b) $x. y$ two."
    assert first_sentence("Is it? Yes.") == "Is it?"
    assert first_sentence("Only one") == "Only one"


def test_links_are_only_words():
    assert "".join(split("See [chapter 4](04_dcgan.ipynb).").prose) == "<p>See chapter 4.</p>\n"


def test_split():
    parts = split("## A *b*\n\nProse.\n\n| a |\n|---|\n| $D(G(z))$ 1 |\n\n<div>raw</div>\n")
    assert parts.headings == [(2, "A <em>b</em>")]
    assert r"\(D(G(z))\)" in parts.shown[0] and len(parts.prose) == 1


def test_prose_above_a_heading_is_about_what_was_shown_last():
    first, second = (code("1", n, tags=["slide-output"], slide_title=n) for n in ("a", "b"))
    text = nbformat.v4.new_markdown_cell("Look back.\n\n## Next\n\nLook ahead.")
    deck = read_deck("04_x", notebook(first, text, code("hidden = 1"), second))
    assert "back" in deck.slides[1].notes[0] and "ahead" in deck.slides[2].notes[0]
