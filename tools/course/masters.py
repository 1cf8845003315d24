"""Read the master notebooks of the assignments, in the form that CONTRIBUTING.md describes."""

import importlib.util
import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import yaml

from tools.execute import ROOT, has_tag

COURSE = ROOT / "course"
ASSIGNMENTS = COURSE / "assignments"
STUDENT = COURSE / "student"
IGNORED = "otter_ignore"  # cells with this tag are not run when a submission is graded
BOUNDARY = re.compile(r"# (BEGIN|END) (QUESTION|SOLUTION|TESTS)\b")
SOLUTION_BLOCK = re.compile(r"(?ms)^( *)# BEGIN SOLUTION\n(.*?)^ *# END SOLUTION")
TEST_CONFIG = re.compile(r'""" # BEGIN TEST CONFIG\n(.*?)^""" # END TEST CONFIG\n', re.S | re.M)


@dataclass
class Task:
    """One question: its config, its cells of text, of solution and of tests."""

    config: dict
    text: list[str] = field(default_factory=list)
    solution: list[nbformat.NotebookNode] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)

    @property
    def manual(self):
        """Whether a person reads the answer."""
        return bool(self.config.get("manual"))

    def test_configs(self):
        """The config of each test cell, and the code below it."""
        for source in self.tests:
            match = TEST_CONFIG.match(source)
            if not match:
                raise ValueError(
                    f"{self.config['name']}: a test cell has no config: {source[:60]!r}"
                )
            try:
                yield yaml.safe_load(match[1]), source[match.end() :]
            except yaml.YAMLError as error:
                raise ValueError(
                    f"{self.config['name']}: not YAML, put quotes around it? {match[1]!r}"
                ) from error

    @property
    def points(self):
        """The points of all tests; for a manual task those of its config."""
        if self.manual:
            return self.config["points"]
        return sum(config["points"] for config, _ in self.test_configs())

    @property
    def code(self):
        """The solution's code."""
        return "\n".join(c.source for c in self.solution if c.cell_type == "code")


@dataclass
class Master:
    """A master notebook, taken apart: cells outside of the tasks are given or for training."""

    path: Path
    notebook: nbformat.NotebookNode
    config: dict
    given: list[str]
    training: list[nbformat.NotebookNode]
    tasks: dict[str, Task]

    @property
    def name(self):
        """The folder's name, which is also the notebook's."""
        return self.path.stem

    @property
    def graded(self):
        """The tasks that have tests."""
        return {name: task for name, task in self.tasks.items() if not task.manual}


def all_names():
    """The name of every assignment, by listing the folder, so that none can be forgotten."""
    return sorted(path.parent.name for path in ASSIGNMENTS.glob("*/*.ipynb"))


def master_path(name):
    """The master of this name; a FileNotFoundError says which there are."""
    path = ASSIGNMENTS / name / f"{name}.ipynb"
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no assignment {name!r}; there are: {', '.join(all_names()) or 'none'}"
        )
    return path


def without_comment(source):
    """The YAML in a raw cell: its lines below the one that says what it is."""
    return yaml.safe_load(source.partition("\n")[2]) or {}


def read_master(path):
    """Take a master notebook apart; a ValueError says what is not in order."""
    notebook = nbformat.read(path, 4)
    first = notebook.cells[0]
    if first.cell_type != "raw" or not first.source.startswith("# ASSIGNMENT CONFIG"):
        raise ValueError(f"{path.name}: the first cell must be raw and begin '# ASSIGNMENT CONFIG'")
    master = Master(path, notebook, without_comment(first.source), [], [], {})
    if master.config.get("name") != path.stem:
        raise ValueError(
            f"{path.name}: its config has the name {master.config.get('name')!r}, not {path.stem!r}"
        )
    task, inside = None, None
    for cell in notebook.cells[1:]:
        mark = BOUNDARY.match(cell.source) if cell.cell_type == "raw" else None
        if mark and mark[0] == "# BEGIN QUESTION":
            config = without_comment(cell.source)
            task = master.tasks[config["name"]] = Task(config)
        elif mark and mark[0] == "# END QUESTION":
            if inside:
                raise ValueError(f"{task.config['name']}: is '# END {inside}' missing?")
            task = None
        elif mark:
            inside = mark[2] if mark[1] == "BEGIN" else None
        elif inside == "TESTS":
            if cell.cell_type != "code":
                raise ValueError(
                    f"{task.config['name']}: is '# END TESTS' missing after its tests?"
                )
            task.tests.append(cell.source)
        elif inside == "SOLUTION":
            task.solution.append(cell)
        elif cell.cell_type == "markdown" and task:
            task.text.append(cell.source)
        elif cell.cell_type == "code" and has_tag(cell, IGNORED):
            master.training.append(cell)
        elif cell.cell_type == "code":
            master.given.append(cell.source)
    for task in master.graded.values():
        list(task.test_configs())
    return master


def wrong_answers(name):
    """The module with the lists WRONG and RIGHT that lies beside the master."""
    path = master_path(name).with_name("wrong_answers.py")
    if not path.is_file():
        raise FileNotFoundError(f"{name} has no wrong_answers.py beside its notebook")
    spec = importlib.util.spec_from_file_location(f"wrong_answers_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
