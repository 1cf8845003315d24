"""The parts that every chapter has, in their order."""

import re

import yaml

from tests.notebooks.markdown import headings
from tools.execute import all_notebooks, code_cells, has_tag
from tools.retarget import current_ref


def test_there_are_notebooks():
    assert all_notebooks()


def test_the_table_of_contents_lists_every_notebook(root):
    toc = yaml.safe_load((root / "_toc.yml").read_text())
    files = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    listed = [file for file in files if file.startswith("notebooks/")]
    assert listed == [f"notebooks/{path.stem}" for path in all_notebooks()]


def test_the_readme_links_it_here_and_on_colab(path, root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert f"(notebooks/{path.name})" in readme
    assert f"/blob/{current_ref(root)}/notebooks/{path.name})" in readme


def test_it_opens_with_the_title_and_the_install_cell(notebook):
    title, install = notebook.cells[:2]
    assert title.cell_type == "markdown" and title.source.startswith("# ")
    assert install.cell_type == "code" and has_tag(install, "colab")


def test_one_cell_sets_the_profile(notebook):
    cells = [cell for cell in code_cells(notebook) if has_tag(cell, "parameters")]
    assert len(cells) == 1 and cells[0].source.startswith('PROFILE = "auto"')


def test_it_ends_with_exercises_summary_and_sources(notebook):
    titles = [title for level, title in headings(notebook) if level == 2]
    assert titles[-3:] == ["Exercises", "Summary", "Sources"]


def test_every_exercise_has_a_folded_solution(notebook):
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    exercises = text.partition("\n## Exercises")[2].partition("\n## Summary")[0]
    solutions = re.findall(r"<summary>Solution", exercises)
    assert 3 <= len(solutions) <= 6
