"""The quizzes are complete, fair and linked, and open by keyboard in both themes."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from book._ext.quiz import (
    FOLDER,
    answers,
    handout,
    inline_html,
    parse,
    read_quizzes,
    write_handouts,
)
from book._ext.quiz import page as page_of
from tests.site.test_browser import OVERFLOW, visit

ROOT = Path(__file__).resolve().parents[2]
QUIZZES = read_quizzes(ROOT / FOLDER)
QUESTIONS = [
    pytest.param(name, question, id=f"{name[:2]}-{number}")
    for name, quiz in QUIZZES.items()
    for number, question in enumerate(quiz.questions, start=1)
]
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# How the text of an opened choice stands out against what is behind it (WCAG's contrast).
CONTRAST = """element => {
    const rgb = text => text.match(/[\\d.]+/g).map(Number);
    const luminance = colour => [0.2126, 0.7152, 0.0722].reduce((sum, weight, k) => {
        const c = colour[k] / 255;
        return sum + weight * (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    }, 0);
    let behind = element;
    while ((rgb(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0)
        behind = behind.parentElement;
    const [low, high] = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor]
        .map(text => luminance(rgb(text))).sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
}"""


def prose(text):
    """A text without its code and without the targets of its links."""
    return LINK.sub(r"\1", re.sub(r"`[^`]*`", "", FENCED.sub("", text)))


def slugs(notebook):
    """The anchors of a notebook's headings, down to the third level, as MyST makes them."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            text = FENCED.sub("", "".join(cell["source"]))
            for title in re.findall(r"^#{1,3} (.+)$", text, re.MULTILINE):
                yield re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def test_every_chapter_has_its_quiz():
    assert list(QUIZZES) == sorted(path.stem for path in ROOT.glob("notebooks/[0-9]*.ipynb"))
    index = (ROOT / FOLDER / "index.md").read_text(encoding="utf-8")
    for name, quiz in QUIZZES.items():
        assert quiz.chapter == int(name[:2])
        assert f"| [{quiz.chapter} {quiz.title}]({name}.md) |" in index
        assert len(quiz.questions) == len({question.title for question in quiz.questions}) == 5


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_one_right_choice_and_feedback_for_each(name, question):
    assert 3 <= len(question.choices) <= 4
    assert sum(choice.right for choice in question.choices) == 1
    for part in ("text", "feedback"):
        assert len({getattr(choice, part) for choice in question.choices}) == len(question.choices)
    for choice in question.choices:
        words = prose(choice.feedback).partition(" See ")[0].split()
        assert 8 <= len(words) <= 60, choice.text
    assert re.search(r"[?:]$", prose(question.text).strip()), "the text ends in its question"


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_every_feedback_links_a_section_that_exists(name, question):
    notebook = ROOT / "notebooks" / f"{name}.ipynb"
    there = set(slugs(notebook))
    for choice in question.choices:
        targets = [target for _, target in LINK.findall(choice.feedback)]
        assert targets, choice.text
        for target in targets:
            file, _, anchor = target.partition("#")
            assert file == f"../../notebooks/{name}.ipynb" and anchor in there, target


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_no_length_gives_the_answer_away(name, question):
    lengths = [len(choice.text) for choice in question.choices]
    right = next(len(choice.text) for choice in question.choices if choice.right)
    others = [len(choice.text) for choice in question.choices if not choice.right]
    assert right <= max(others), "the right choice is the longest"
    assert max(lengths) <= 1.3 * min(lengths) + 6, lengths


def test_the_right_choice_is_seldom_the_shortest():
    shortest = [
        len(next(c.text for c in question.choices if c.right))
        < min(len(c.text) for c in question.choices if not c.right)
        for quiz in QUIZZES.values()
        for question in quiz.questions
    ]
    assert sum(shortest) <= 0.35 * len(shortest)


def test_the_place_of_the_right_choice_varies():
    keys = list(map(answers, QUIZZES.values()))
    together = Counter("".join(keys))
    total = sum(together.values())
    assert all(0.18 <= together[letter] / total <= 0.32 for letter in "ABCD"), together
    for key in keys:
        assert len(set(key)) >= 3 and not re.search(r"(.)\1", key), key
    assert len(set(keys)) > len(keys) / 2


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_the_words(name, question):
    choices = " ".join(choice.text for choice in question.choices)
    assert not re.search(r"[$<>\[\]]", choices), "choices hold words, code and emphasis only"
    assert not re.search(r"(all|none|both) of (the above|these|them)", choices.lower())
    text = prose(" ".join([question.text, *(c.text + " " + c.feedback for c in question.choices)]))
    american = r"\b(colors?|colored|behavior|gray|center|normaliz\w+|optimiz(e|ed|ing))\b"
    assert not re.search(american, text.lower()), "British spelling"
    # No measured numbers: what has two decimals is a format's property, and is listed here.
    assert set(re.findall(r"\d\.\d\d+", text)) <= {"1.0078"}


def test_a_source_is_read_as_it_is_written():
    quiz = parse(
        "# Quiz 1: X\n\n## A\n\nWhy?\n\n```python\n# - [x] no choice\n## no title\n```\n\n"
        "- [ ] Yes\n  One.\n  Two.\n- [x] `a < b` is *so*\n  Three.\n",
        "01_x.md",
    )
    (question,) = quiz.questions
    assert (quiz.chapter, quiz.title, answers(quiz)) == (1, "X", "B")
    assert question.text.endswith("## no title\n```")
    assert [tuple(choice) for choice in question.choices] == [
        ("Yes", False, "One. Two."),
        ("`a < b` is *so*", True, "Three."),
    ]
    assert inline_html(question.choices[1].text) == "<code>a &lt; b</code> is <em>so</em>"
    lines = page_of(quiz, "01_x").splitlines()
    assert "<summary><b>B</b> <code>a &lt; b</code> is <em>so</em></summary>" in lines
    assert "**No.** One. Two." in lines and "**Right.** Three." in lines


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"01_x.md: the first line must be '# Quiz N: title'"),
        ("## A\n", r"01_x.md: the first line must be '# Quiz N: title', got '## A'"),
        ("# Quiz 1: X\nwords\n", r"01_x.md, line 2: text before the first question"),
        ("# Quiz 1: X\n\n## A\n\nWhy?\n\n- [x] So\nno\n", r"line 8: feedback is indented .* 'no'"),
    ],
)
def test_a_source_of_another_form_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse(text, "01_x.md")


def test_a_folder_without_quizzes_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no quiz"):
        read_quizzes(tmp_path)


def test_handouts_have_the_questions_and_no_answers(tmp_path):
    written = write_handouts(ROOT / FOLDER, tmp_path / "quizzes")
    assert [path.stem for path in written] == [*QUIZZES, "key"]
    for path, quiz in zip(written, QUIZZES.values()):
        sheet = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        assert path.read_text(encoding="utf-8") == handout(quiz)
        assert sheet.find(["a", "details", "input", "script"]) is None
        assert len(sheet.find_all("h2")) == len(sheet.find_all("ol")) == 5
        words = " ".join(sheet.get_text().split())
        for question in quiz.questions:
            for choice in question.choices:
                assert prose(choice.feedback).split(". ")[0] not in words
    key = BeautifulSoup(written[-1].read_text(encoding="utf-8"), "html.parser")
    rows = [[cell.get_text() for cell in row.find_all("td")] for row in key.find_all("tr")[1:]]
    assert rows == [[str(q.chapter), q.title, " ".join(answers(q))] for q in QUIZZES.values()]


@pytest.mark.parametrize("name", QUIZZES)
def test_every_choice_is_on_the_page(site, name):
    text = (site / FOLDER / f"{name}.html").read_text(encoding="utf-8")
    choices = BeautifulSoup(text, "html.parser").select("article details.quiz-choice")
    wanted = [choice for question in QUIZZES[name].questions for choice in question.choices]
    assert len(choices) == len(wanted)
    for found, choice in zip(choices, wanted):
        assert found.strong.get_text() == ("Right." if choice.right else "No.")
        assert found.find("a", href=re.compile(rf"^\.\./\.\./notebooks/{name}\.html#"))
        assert found.get("open") is None and found.find("input") is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_choice_opens_by_keyboard(page, theme):
    page.emulate_media(color_scheme=theme)
    visit(page, "book/quizzes/04_dcgan.html")
    assert page.locator("html").get_attribute("data-theme") == theme
    choices = page.locator("details.quiz-choice")
    feedback = choices.locator("p")
    assert not feedback.first.is_visible()
    choices.nth(0).locator("summary").focus()
    page.keyboard.press("Enter")
    assert feedback.nth(0).is_visible() and not feedback.nth(1).is_visible()
    assert feedback.nth(0).inner_text().startswith("Right. ")
    page.keyboard.press("Tab")  # to the link of the feedback
    page.keyboard.press("Tab")  # to the next choice
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "the focus is seen"
    page.keyboard.press("Space")
    assert feedback.nth(1).is_visible()
    assert feedback.nth(1).inner_text().startswith("No. ")
    for text in (*feedback.all()[:2], *choices.locator("summary").all()[:2]):
        assert text.evaluate(CONTRAST) >= 4.5
    assert page.evaluate(OVERFLOW) <= 0
    assert page.faults == []
