"""The shared pages name every chapter, term and paper, and agree with each other."""

import re

import nbformat
import pytest

from tools.execute import all_notebooks

ENTRY = re.compile(r'^(\S.*)\n  <span lang="zh-Hans">(.+)</span> · (.+)\n\n  \S', re.MULTILINE)
ROW = re.compile(r'^\| <span lang="zh-Hans">(.+)</span> \| \{term\}`(.+)` \|$', re.MULTILINE)
CHAPTER = re.compile(r"\[(?:chapter (\d+)|appendix)\]\(\.\./notebooks/(\w\d)_\w+\.ipynb\)")


@pytest.fixture(scope="module")
def page(root):
    return lambda name: (root / "book" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("notebook", all_notebooks(), ids=lambda path: path.stem)
def test_the_pages_name_every_notebook(notebook, page):
    assert f":link: ../notebooks/{notebook.stem}\n" in page("index")
    assert re.search(rf"^### \[.+\]\(\.\./notebooks/{notebook.name}\)$", page("how_to_use"), re.M)


@pytest.mark.parametrize("notebook", all_notebooks(), ids=lambda path: path.stem)
def test_the_bibliography_has_every_paper_of_a_notebook(notebook, page):
    cells = [cell.source for cell in nbformat.read(notebook, 4).cells]
    assert papers("\n".join(cells)) <= papers(page("bibliography"))


def test_the_bibliography_has_every_paper_of_the_answers(page):
    assert papers(page("faq")) <= papers(page("bibliography"))


def papers(text):
    return set(re.findall(r"arxiv\.org/abs/(\d{4}\.\d{4,5})", text))


def test_no_two_entries_of_the_bibliography_have_one_name(page):
    names = re.findall(r"^\*\*(.+?)\.\*\*", page("bibliography"), re.MULTILINE)
    assert len(names) > 100 and len(names) == len(set(names))


def test_the_glossary_is_in_order_and_its_chinese_index_complete(page):
    terms, index = page("glossary").split("## Index of Chinese terms")
    found = ENTRY.findall(terms)
    assert len(found) == terms.count("zh-Hans")
    assert sorted((chinese, term) for term, chinese, _ in found) == sorted(ROW.findall(index))
    names = [term.lower() for term, _, _ in found]
    assert names == sorted(names)


def test_every_term_names_its_chapters(page):
    for term, _, chapters in ENTRY.findall(page("glossary")):
        links = CHAPTER.findall(chapters)
        assert links and CHAPTER.sub("", chapters).strip(" ,") == "", term
        assert all(file == (f"{int(number):02}" if number else "A1") for number, file in links)
