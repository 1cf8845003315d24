"""ganbook.export.command: what a reader sees."""

from functools import partial

import pytest
import torch

from ganbook.export import command as module
from ganbook.export.command import main
from tests import commands
from tests.export.test_generator import CASES, saved

refused = partial(commands.refused, main)


@pytest.fixture
def checkpoint(tmp_path):
    saved(*CASES["dcgan"][:2], tmp_path / "checkpoint.pt")
    return tmp_path / "checkpoint.pt"


@pytest.mark.parametrize("ending", ["safetensors", "pt2"])
def test_a_file_and_how_far_it_differs(checkpoint, tmp_path, capsys, ending):
    file = tmp_path / f"g.{ending}"
    assert main([str(checkpoint), "--to", str(file)]) == 0
    assert capsys.readouterr().out == f"{file} (differs from PyTorch by at most 0.0e+00)\n"
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint.pt", file.name}


def test_the_direction(tmp_path, capsys):
    saved(*CASES["cyclegan"][:2], tmp_path / "x.pt")
    file = tmp_path / "g.safetensors"
    assert "give --direction a-to-b or b-to-a." in refused(capsys, tmp_path / "x.pt", "--to", file)
    assert main([str(tmp_path / "x.pt"), "--to", str(file), "--direction", "b-to-a"]) == 0
    assert file.is_file()


def test_what_cannot_be_exported(checkpoint, tmp_path, capsys):
    message = refused(capsys, checkpoint, "--to", tmp_path / "g.h5")
    assert message.endswith("its ending must be one of .safetensors, .pt2, .onnx.")
    message = refused(capsys, tmp_path / "nowhere.pt", "--to", tmp_path / "g.pt2")
    assert message.startswith("error: There is no checkpoint")
    message = refused(capsys, checkpoint, "--to", tmp_path / "nowhere" / "g.pt2")
    assert message.startswith("error: There is no folder") and "nowhere" in message
    assert "invalid choice: 'sideways'" in refused(
        capsys, checkpoint, "--to", tmp_path / "g.pt2", "--direction", "sideways"
    )


def test_a_file_that_differs_is_not_kept(checkpoint, tmp_path, capsys, monkeypatch):
    file = tmp_path / "g.pt2"
    file.write_text("the old one")

    def wrong(generator, path):
        path.write_text("the new one")
        return 2e-5

    for difference in (wrong, lambda generator, path: torch.nan):
        monkeypatch.setitem(module.WRITERS, ".pt2", difference)
        message = refused(capsys, checkpoint, "--to", file)
        assert "pt2 differs from PyTorch by" in message and "nothing is written" in message
    assert file.read_text() == "the old one"
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint.pt", "g.pt2"}
