"""Every test that takes `path` or `notebook` runs once for each notebook in the folder."""

import nbformat
import pytest

from tools.execute import all_notebooks


def pytest_generate_tests(metafunc):
    if "path" in metafunc.fixturenames:
        metafunc.parametrize("path", all_notebooks(), ids=lambda path: path.stem)


@pytest.fixture
def notebook(path):
    return nbformat.read(path, 4)
