"""Each assignment is built once for all tests here, also when pytest runs several processes."""

from pathlib import Path

import pytest
from filelock import FileLock

from tools.build_course import build
from tools.course.masters import all_names, master_path, read_master, wrong_answers


def pytest_generate_tests(metafunc):
    """`name` runs over the assignments, `name` with `task` over all their graded tasks."""
    names = metafunc.fixturenames
    if "task" in names:
        pairs = [(n, t) for n in all_names() for t in read_master(master_path(n)).graded]
        metafunc.parametrize(("name", "task"), pairs, ids=["-".join(pair) for pair in pairs])
    elif "name" in names:
        metafunc.parametrize("name", all_names())


@pytest.fixture
def master(name):
    return read_master(master_path(name))


@pytest.fixture
def wrong(name):
    return wrong_answers(name)


@pytest.fixture(scope="session")
def build_once(tmp_path_factory):
    """A function that builds an assignment in a folder of this test run, or finds it built."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "gw" in base.name else base) / "course"
    shared.mkdir(exist_ok=True)

    def built(name: str) -> Path:
        with FileLock(shared / f"{name}.lock"):
            if not (shared / f"{name}.done").exists():
                build(name, shared)
                (shared / f"{name}.done").touch()
        return shared

    return built


@pytest.fixture
def built(name, build_once):
    """The folder that holds this assignment's student version, archive and solutions."""
    return build_once(name)
