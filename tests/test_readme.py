"""The commands that pages show: ganbook's own are run, small; the others name what exists."""

import os
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from ganbook.export import command as export
from ganbook.metrics import command as metrics
from ganbook.style import command as style
from ganbook.train import command as train
from tests.models.inception_weights import save_random_weights
from tests.train.conftest import torchrun
from tests.train.pictures import TINY, folder_for, noise_folder
from tools.retarget import current_url, parts

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", "book/how_to_use.md", "book/faq.md")
COMMANDS = {"export": export, "metrics": metrics, "style": style, "train": train}
PARSERS = {f"ganbook.{name}": command._parser for name, command in COMMANDS.items()}


def blocks():
    """The commands of every shell block, page by page, each split as a shell does."""
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        shown = [token for token in MarkdownIt().parse(text) if token.info == "bash"]
        for number, token in enumerate(shown, start=1):
            lines = token.content.replace("\\\n", " ").splitlines()
            yield pytest.param(
                [words for line in lines if (words := shlex.split(line, comments=True))],
                id=f"{page}-{number}",
            )


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """In place of Inception-v3's weights, which are behind a download."""
    return save_random_weights(tmp_path_factory.mktemp("weights") / "inception.pt")


@pytest.fixture
def reader(tmp_path, monkeypatch, weights):
    """What a reader's shell does with the lines of a block, in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    return Reader(weights)


class Reader:
    """Runs the lines of one block, one after the other."""

    def __init__(self, weights):
        self.weights, self.trained = weights, 0

    def run(self, words):
        """Run one command line, or check the names in it; fail if it is of no known kind."""
        while re.fullmatch(r"[A-Z_]+=\w+", words[0]):
            words = words[1:]  # a variable for this command alone
        if words[:2] == ["python", "-m"] and words[2] in PARSERS:
            self.alone(words[2], self.smaller(words[2], words[3:]))
        elif words[0] == "torchrun":
            start = words.index("-m")
            assert words[1:start] == ["--nproc_per_node=2"] and words[start + 1] == "ganbook.train"
            self.in_two("ganbook.train", self.smaller("ganbook.train", words[start + 2 :]))
        else:
            check_names(words)

    def smaller(self, module, arguments):
        """Put in place what the command reads; return its arguments for a small run."""
        options = PARSERS[module]().parse_args(arguments)
        if module == "ganbook.metrics":
            for seed, folder in enumerate((options.real, options.fake)):
                noise_folder(folder, 12, (32, 32), seed)
            own = ["--weights", str(self.weights)] if options.features == "inception" else []
            return [*arguments, *own, "--bootstrap", "2"]
        if module == "ganbook.style":
            for seed, file in enumerate((options.content, *options.style, *(options.mask or ()))):
                (picture,) = noise_folder(Path(f"noise{seed}"), 1, (32, 32), seed).iterdir()
                picture.rename(file)  # images are read by what they hold, not by their ending
            return [*arguments, "--steps", "2", "--size", "32"]
        if module == "ganbook.train":
            self.trained += 1  # a line of the same folder has something left to do
            if not options.data.exists():
                folder_for(options.gan, options.data)
            small = ["--size", "16", "--batch-size", "4", "--steps", str(self.trained)]
            return [*arguments, *small, "--workers", "0", *TINY[options.gan]]
        if not options.checkpoint.exists():  # ganbook.export, in a block that does not train
            run = [
                "dcgan",
                "--data",
                "photos",
                "--size",
                "16",
                "-o",
                str(options.checkpoint.parent),
            ]
            self.alone("ganbook.train", self.smaller("ganbook.train", run))
        return arguments

    def alone(self, module, arguments):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", [module, *arguments])
            with pytest.raises(SystemExit) as stop:
                runpy.run_module(module, run_name="__main__")
        assert stop.value.code == 0, f"{module} {shlex.join(arguments)}"
        self.wrote(module, arguments)

    def in_two(self, module, arguments):
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        command = torchrun("-m", module, *arguments)
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        self.wrote(module, arguments)

    def wrote(self, module, arguments):
        options = vars(PARSERS[module]().parse_args(arguments))
        if module == "ganbook.train":
            folder = options["output"] or Path("runs", options["gan"])
            assert (folder / "checkpoint.pt").is_file()
        elif module != "ganbook.metrics":
            assert (options.get("to") or options["output"]).is_file()


def check_names(words):
    """Fail unless the files, targets and packages in a command line exist."""
    match words:
        case ["git", "clone", url]:
            assert url == current_url(ROOT)
        case ["cd", folder]:
            assert folder == parts(current_url(ROOT))[1]
        case ["make", target, *settings]:
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
            for setting in settings:
                assert re.fullmatch(r"[A-Z]+=\S+", setting), setting
        case ["conda", "env", "create", "-f", file]:
            assert yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))["dependencies"]
        case ["conda", "activate", name]:
            environment = (ROOT / "environment.yml").read_text(encoding="utf-8")
            assert yaml.safe_load(environment)["name"] == name
        case ["jupyter", "lab", folder]:
            assert list((ROOT / folder).glob("*.ipynb"))
        case [".venv/bin/ruff", "check" | "format", *_] | ["source", ".venv/bin/activate"]:
            pass
        case [".venv/bin/pytest", *arguments]:
            paths = [word for word in arguments if not word.startswith("-")]
            assert all((ROOT / path).exists() for path in paths), paths
        case ["tensorboard", "--logdir", _]:
            project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
            assert "tensorboard" in project["project"]["optional-dependencies"]
        case _:
            pytest.fail(f"tests/test_readme.py does not know how to check: {shlex.join(words)}")


@pytest.mark.parametrize("lines", list(blocks()))
def test_every_command_works(lines, reader):
    assert lines
    for words in lines:
        reader.run(words)


def test_each_command_of_the_package_is_shown():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    runnable = {path.parent.name for path in (ROOT / "ganbook").glob("*/__main__.py")}
    assert set(PARSERS) == {f"ganbook.{name}" for name in runnable}
    for name in sorted(runnable):
        assert f"python -m ganbook.{name} " in text, name
