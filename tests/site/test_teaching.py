"""The teaching guide agrees with the chapters, the assignments and itself, and links both ways."""

import re
import shlex
from functools import cache
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from book._ext.chapter_foot import TAUGHT

ROOT = Path(__file__).resolve().parents[2]
TEACHING = ROOT / "book" / "teaching"
CHAPTER = re.compile(r"notebooks/(\w\d_\w+|\d\d_\w+)\.ipynb")
NUMBERS = {"one": 1, "two": 2, "three": 3}


def read(name):
    return (TEACHING / f"{name}.md").read_text(encoding="utf-8")


def sections(text, word):
    """The second-level sections whose title begins with a word, by their number."""
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {
        int(re.match(rf"{word} (\d+)", part)[1]): part
        for part in parts
        if re.match(rf"{word} \d", part)
    }


def rows(section):
    """The rows of the timetables in a section: minutes, what, and the cells to show."""
    found = re.findall(r"^\| (\d+) \| (.*?) \| ?(.*?) ?\|$", section, re.MULTILINE)
    return [(int(minutes), what, cells) for minutes, what, cells in found]


WEEKS = sections(read("syllabus_ten_weeks"), "Week")
UNITS = sections(read("workshop_three_days"), "Unit")
ASSIGNMENTS = sections(read("assignments"), "Assignment")


@cache
def code(chapter):
    cells = nbformat.read(ROOT / "notebooks" / f"{chapter}.ipynb", 4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


@pytest.mark.parametrize("week", WEEKS)
def test_a_class_has_ninety_minutes(week):
    assert sum(minutes for minutes, _, _ in rows(WEEKS[week])) == 90
    parts = ("Goals.", "Material.", "Reading before class", "In class (90 min).", "Lab (90 min).")
    assert all(f"**{part}" in WEEKS[week] for part in parts)
    assert "**Where students go wrong, and what helps**" in WEEKS[week]


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_has_three_hours(unit):
    assert sum(minutes for minutes, _, _ in rows(UNITS[unit])) == 180
    assert "**Goals.**" in UNITS[unit] and "**What goes wrong.**" in UNITS[unit]
    assert any(what.startswith("Break") for _, what, _ in rows(UNITS[unit]))


def test_all_weeks_and_units_are_there():
    assert list(WEEKS) == list(range(1, 11)) and list(UNITS) == list(range(1, 7))
    assert list(ASSIGNMENTS) == list(range(1, 8))


@pytest.mark.parametrize("section", [*WEEKS.values(), *UNITS.values()], ids=lambda s: s[:7])
def test_quoted_cells_exist(section):
    for _, _, cells in rows(section):
        chapters = CHAPTER.findall(cells)
        for quoted in re.findall(r"`([^`]+)`", cells):
            begin = quoted.partition("…")[0].strip()
            assert any(begin in source for name in chapters for source in code(name)), quoted


@pytest.mark.parametrize("week", WEEKS)
def test_each_week_names_its_material(week):
    """Decks and quizzes of the chapters that are shown in class, and the assignment."""
    [material] = re.findall(r"^\*\*Material\.\*\* (.*)$", WEEKS[week], re.MULTILINE)
    decks = re.findall(r"\.\./\.\./slides/(\w+)\.html", material)
    quizzes = re.findall(r"\.\./quizzes/(\w+)\.md", material)
    shown = {name for _, _, cells in rows(WEEKS[week]) for name in CHAPTER.findall(cells)}
    assert decks == quizzes and set(decks) <= shown
    taught = {name for name, (_, place) in TAUGHT.items() if f"#week-{week}-" in place}
    assert set(decks) == {name for name in taught if name[0] != "A"}


def test_the_table_of_weeks_agrees_with_the_weeks():
    table = re.findall(
        r"^\| (\d+) \| \[.*?\]\(#week-\d+-.*?\) \| ([\d, ]+) \| (.*?) \|",
        read("syllabus_ten_weeks"),
        re.MULTILINE,
    )
    assert [int(week) for week, _, _ in table] == list(WEEKS)
    for week, chapters, handed_out in table:
        section = WEEKS[int(week)]
        numbers = [int(name[:2]) for name in re.findall(r"slides/(\w+)\.html", section)]
        assert numbers == [int(n) for n in chapters.split(", ")][: len(numbers)]
        new = re.findall(r"^\*\*\[Assignment (\d)\]", section, re.MULTILINE)
        assert re.findall(r"^\[(\d),", handed_out) == new


@pytest.fixture(scope="module")
def masters():
    return sorted((ROOT / "course" / "assignments").glob("*/[0-9]*.ipynb"))


def test_the_table_of_assignments_agrees_with_the_masters(masters):
    table = re.findall(
        r"^\| \[(\d) .*?\]\(#.*?\) \| ([\d, ]+) \| (\d)(?: to (\d))? \| (\d+) \+ (\d+) \|$",
        read("assignments"),
        re.MULTILINE,
    )
    assert len(table) == len(masters) == 7
    for master, (number, chapters, least, most, by_tests, by_reader) in zip(masters, table):
        text = "\n".join(
            cell.source for cell in nbformat.read(master, 4).cells if cell.cell_type == "markdown"
        )
        points = [int(n) for n in re.findall(r"\((\d+) points\)", text)]
        assert (sum(points[:-1]), points[-1]) == (int(by_tests), int(by_reader)), master.stem
        time = re.search(r"\*\*Time:\*\* (?:about )?(\w+)(?: to (\w+))? hours", text)
        assert [NUMBERS[word] for word in time.groups() if word] == [
            int(n) for n in (least, most) if n
        ], master.stem
        know = re.search(r"\*\*You should know:\*\*(.*)", text)[1]
        assert set(chapters.split(", ")) <= set(re.findall(r"\d+", know)), master.stem
        assert f"# Assignment {number}: " in text and master.stem.startswith(f"0{number}_")


@pytest.mark.parametrize("number", ASSIGNMENTS)
def test_an_assignment_is_linked_and_its_hours_are_those_of_the_syllabus(number, masters):
    section, name = ASSIGNMENTS[number], masters[number - 1].stem
    assert (ROOT / "course" / "student" / f"{name}.ipynb").is_file()
    assert f"<../../course/student/{name}.ipynb>" in section
    assert f'/course/student/{name}.ipynb">open in Colab' in section
    for file in (f"{name}.ipynb", "wrong_answers.py"):
        assert f"/course/assignments/{name}/{file})" in section
        assert (ROOT / "course" / "assignments" / name / file).is_file()
    taught = {chapter for chapter, (goal, _) in TAUGHT.items() if goal and goal[0] == str(number)}
    assert set(CHAPTER.findall(section)) == taught
    [hours] = re.findall(
        rf"^\*\*\[Assignment {number}\]\(.*?\)\*\* \((.*?) h[,)]", read("syllabus_ten_weeks"), re.M
    )
    assert re.search(rf"^\| \[{number} .*?\| {hours} \|", read("assignments"), re.MULTILINE)


def commands():
    for page in sorted(TEACHING.glob("*.md")):
        for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
            if token.info == "bash":
                for line in token.content.splitlines():
                    yield pytest.param(line, id=f"{page.stem}: {line[:40]}")


@pytest.mark.parametrize("line", list(commands()))
def test_commands_name_what_exists(line):
    words = shlex.split(line, comments=True)
    words = [word for word in words if not re.fullmatch(r"[A-Z_]+=\w+", word)]
    match words:
        case ["make", target, *_]:
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        case [".venv/bin/python", "-m", "pip", *_] | ["git" | "cd", *_]:
            pass
        case [".venv/bin/python", script, *_]:
            assert (ROOT / script).is_file()
        case _:
            pytest.fail(f"nobody checks: {line}")


def test_the_foot_links_what_goes_with_a_chapter(site, chapter):
    page = site / f"{chapter}.html"
    foot = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one(".companions")
    links = {tag.get_text(): tag["href"] for tag in foot.find_all("a")}
    name = page.stem
    assert links["slides"] == f"../slides/{name}.html"
    if name[0] != "A":
        assert links[f"quiz {int(name[:2])}"] == f"../book/quizzes/{name}.html"
    assignment, place = TAUGHT[name]
    assert place in links.values()
    if assignment:
        assert any(link.endswith(f"#assignment-{assignment}") for link in links.values())
    for link in links.values():
        file, _, anchor = link.partition("#")
        text = (page.parent / file).resolve().read_text(encoding="utf-8")
        assert not anchor or f'id="{anchor}"' in text, link


@pytest.mark.parametrize("name", ["index", "how_to_use"])
def test_a_teacher_is_one_click_away(site, name):
    page = BeautifulSoup((site / "book" / f"{name}.html").read_text("utf-8"), "html.parser")
    assert page.select('article a[href="teaching/index.html"]')
    assert page.select('nav a[href="teaching/index.html"]')


def test_the_guide_leads_to_all_of_its_pages():
    text = read("index")
    for page in TEACHING.glob("*.md"):
        assert page.stem == "index" or f"({page.name})" in text, page.name
    assert "(../quizzes/index.md)" in text
