"""Each notebook runs from one file in an empty folder, as on Colab, with only ganbook installed."""

import importlib.util
import re
import shutil
import subprocess
import sys
import types
import warnings

import nbformat
import pytest
import yaml

from tools.execute import all_notebooks, run

SMOKE_SECONDS = 20  # the aim on two free cores; a slow machine is no failure


def install_cell(path):
    return nbformat.read(path, 4).cells[1].source


def test_it_runs_at_smoke(path, tmp_path):
    _, seconds = run(shutil.copy(path, tmp_path), "smoke")
    if seconds > SMOKE_SECONDS:
        warnings.warn(f"{path.name} took {seconds:.0f} s at smoke", stacklevel=1)


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
    url = yaml.safe_load((root / "_config.yml").read_text())["repository"]["url"]
    return f"ganbook[samples] @ git+{url}@main"


def test_with_ganbook_it_does_nothing(install, on_colab):
    assert install() == []


def test_without_ganbook_it_gives_the_one_install_line(install, without_ganbook, requirement):
    line = re.escape(f'pip install "{requirement}"')
    with pytest.raises(ModuleNotFoundError, match=line):
        install()


def test_on_colab_it_installs(install, without_ganbook, on_colab, requirement):
    assert install() == [[sys.executable, "-m", "pip", "install", "--quiet", requirement]]


def test_another_source_can_be_named(install, without_ganbook, on_colab, monkeypatch):
    monkeypatch.setenv("GANBOOK_SOURCE", "file:///somewhere")
    assert install()[0][-1] == "ganbook[samples] @ file:///somewhere"
