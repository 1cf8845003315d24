"""Grade code in this process, with otter's own test files from the built archive."""

import re
import zipfile
from functools import cache

import torch
from otter.test_files import ExceptionTestFile

from tools.course.masters import SOLUTION_BLOCK


@cache
def test_sources(archive):
    """The text of each test file in an autograder archive."""
    with zipfile.ZipFile(archive) as files:
        names = sorted(name for name in files.namelist() if re.fullmatch(r"tests/\w+\.py", name))
        return {name[6:-3]: files.read(name).decode() for name in names}


def namespace(master, codes):
    """The names that a notebook has after its given cells and these codes ran, in this order."""
    names = {"__name__": "__main__"}
    for code in [*master.given, *codes]:
        exec(code, names)
    return names


def points_of(archive, names):
    """The points of each task, and the message of each test that failed."""
    points, messages = {}, []
    for task, source in test_sources(archive).items():
        torch.manual_seed(0)  # tests may draw
        file = ExceptionTestFile.from_string(source)
        file.run(names)
        points[task] = file.score
        messages += [
            f"{c.test_case.name}: {c.message}" for c in file.test_case_results if not c.passed
        ]
    return points, "\n".join(messages)


def empty(code):
    """What a student finds: `...` in the place of each marked block."""
    return SOLUTION_BLOCK.sub(r"\1...", code)
