"""The archives of the real data sets, in small, served while the tests run."""

import pytest

from tests.loopback import serve
from tests.real_sets import write_all


@pytest.fixture(scope="session")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    write_all(folder)
    with serve(folder) as server:
        yield server


@pytest.fixture
def first(archives, root):
    """The source of a first cell that calls a function of in_the_kernel.py with the server."""

    def source(function, **options):
        arguments = "".join(f", {name}={value!r}" for name, value in options.items())
        return (
            f"import sys; sys.path.insert(0, {str(root)!r})\n"
            f"from tests.gpu.in_the_kernel import {function}\n"
            f"{function}({archives.url!r}{arguments})\n"
            "sys.path.pop(0)"
        )

    return source
