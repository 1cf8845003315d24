"""ganbook.train.run: every GAN trains from a folder, stops, and continues to the bit."""

import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from ganbook.train import run as module
from ganbook.train.command import _parser
from ganbook.train.processes import Processes
from ganbook.train.run import run
from ganbook.training.fit import StoppedByHand
from tests.train.pictures import TINY, command, folder_for


def train(gan, data, output, *more):
    return run(_parser().parse_args(command(gan, data, output, "--sample-every", "0", *more)))


def same(one, two):
    """Compare two checkpoints to the bit."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, two)
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[k], two[k]) for k in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(two) and all(same(a, b) for a, b in zip(one, two))
    return one == two


def saved(folder):
    return torch.load(folder / "checkpoint.pt", weights_only=True)


# The length of these runs is part of their config: their learning rate falls towards it.
SCHEDULED = ("pix2pix", "cyclegan", "inpainting", "srgan")


@pytest.mark.parametrize("gan", TINY)
def test_six_steps_are_three_and_a_resume_and_three(gan, tmp_path, capsys):
    data = folder_for(gan, tmp_path / "data")
    whole = ("--steps", "6", "--save-every", "3" if gan in SCHEDULED else "100")
    train(gan, data, tmp_path / "whole", *whole)
    if gan in SCHEDULED:
        stop_after(3, gan, data, tmp_path / "parts")
    else:
        train(gan, data, tmp_path / "parts", "--steps", "3")
    state = train(gan, data, tmp_path / "parts", *whole)
    assert state.step == 6 and "continues after step 3" in capsys.readouterr().out
    assert same(saved(tmp_path / "whole"), saved(tmp_path / "parts"))


def stop_after(steps, gan, data, output):
    options = _parser().parse_args(
        command(gan, data, output, "--sample-every", "0", "--steps", "6")
    )
    make = options.recipe

    def stopping(options, share):
        recipe = make(options, share)

        def step(state, batch):
            if state.step == steps - 1:
                os.kill(os.getpid(), signal.SIGINT)
            return recipe.step(state, batch)

        return replace(recipe, step=step)

    options.recipe = stopping
    with pytest.raises(StoppedByHand):
        run(options)


def test_what_a_run_leaves_in_its_folder(tmp_path, capsys):
    data, output = folder_for("dcgan", tmp_path / "data"), tmp_path / "run"
    extra = ["--steps", "4", "--tensorboard", "--measure-every", "2", "--every", "1"]
    options = _parser().parse_args(command("dcgan", data, output, *extra, "--sample-every", "2"))
    run(options)
    names = ["checkpoint.pt", "config.json", "measures.jsonl", "samples", "tensorboard"]
    assert sorted(path.name for path in output.iterdir()) == names
    assert len(list((output / "samples").iterdir())) == 2
    config = json.loads((output / "config.json").read_text())
    assert config["settings"]["config"]["width"] == 4 and config["may change"]["steps"] == 4
    assert config["settings"]["data"]["images"] == 12
    rows = [json.loads(line) for line in (output / "measures.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [2, 4] and rows[0]["real images"] == 12
    printed = capsys.readouterr()
    assert "dcgan on 12 images, to" in printed.out and "  width = 4\n" in printed.out
    assert "generator: " in printed.out and "12 real and 12 generated images" in printed.out
    assert printed.err.count("warning") == 0


@pytest.mark.parametrize(("rank", "seen"), [(0, "hello\nrun\n"), (1, "")])
def test_process_0_alone_prints(rank, seen, capsys, monkeypatch):
    monkeypatch.setattr(module.group, "start", lambda: Processes(rank, 2))
    monkeypatch.setattr(module, "_run", lambda options, processes: print("hello"))
    run(SimpleNamespace(output="run"))
    assert capsys.readouterr().out == seen


def test_looking_does_not_change_the_run(tmp_path):
    data = folder_for("dcgan", tmp_path / "data")
    train("dcgan", data, tmp_path / "plain", "--steps", "4")
    extra = ["--sample-every", "1", "--measure-every", "2", "--save-every", "1"]
    train("dcgan", data, tmp_path / "seen", "--steps", "4", *extra)
    assert same(saved(tmp_path / "plain"), saved(tmp_path / "seen"))


def test_a_finished_run_is_left_alone(tmp_path, capsys):
    data = folder_for("vanilla", tmp_path / "data")
    train("vanilla", data, tmp_path / "run", "--steps", "2")
    before = (tmp_path / "run" / "checkpoint.pt").stat().st_mtime_ns
    assert train("vanilla", data, tmp_path / "run", "--steps", "2").step == 2
    assert "has finished its 2 steps; a larger --steps continues it" in capsys.readouterr().out
    assert (tmp_path / "run" / "checkpoint.pt").stat().st_mtime_ns == before


def test_data_may_move_but_not_change(tmp_path):
    data = folder_for("vanilla", tmp_path / "data")
    train("vanilla", data, tmp_path / "run", "--steps", "2")
    moved = data.rename(tmp_path / "moved")
    assert train("vanilla", moved, tmp_path / "run", "--steps", "3").step == 3
    shutil.copy(moved / "00.png", moved / "new.png")
    with pytest.raises(ValueError, match=r"other settings \(data\.fingerprint: .*data\.images: 12"):
        train("vanilla", moved, tmp_path / "run", "--steps", "4")


def test_images_that_are_enlarged_are_mentioned(tmp_path, capsys):
    data = folder_for("dcgan", tmp_path / "data")
    train("dcgan", data, tmp_path / "run", "--size", "32", "--steps", "1")
    assert (
        "warning: some images are smaller than 32 pixels (the least 16)" in capsys.readouterr().err
    )


def test_no_room_for_checkpoints(tmp_path, monkeypatch):
    data = folder_for("dcgan", tmp_path / "data")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: usage._replace(free=10))
    with pytest.raises(OSError, match=r"run needs about 0 MB for checkpoints, and the disk has 0"):
        train("dcgan", data, tmp_path / "run", "--steps", "1")
    assert not (tmp_path / "run").exists()


def test_options_of_the_data_belong_to_the_run(tmp_path):
    data = folder_for("pix2pix", tmp_path / "data")
    train("pix2pix", data, tmp_path / "run", "--steps", "1")
    with pytest.raises(
        ValueError, match=r"\(augment: False there, True here; input_on: left there"
    ):
        train("pix2pix", data, tmp_path / "run", "--steps", "1", "--augment", "--input-on", "right")


def test_seeds_differ(tmp_path):
    data = folder_for("vanilla", tmp_path / "data")
    states = [train("vanilla", data, tmp_path / s, "--steps", "1", "--seed", s) for s in "01"]
    weights = [next(state.generator.parameters()) for state in states]
    assert not torch.equal(*weights)


def test_two_processes_stop_together_and_continue_to_the_bit(two):
    """CycleGAN with full image buffers, which are each process's own."""
    assert [found["commands"]["codes"] for found in two] == [[0, 130, 0]] * 2
    assert two[0]["commands"]["stopped at"] == 5
    folder = Path(two[0]["commands"]["folder"])
    whole, parts = (saved(folder / name) for name in ("whole", "parts"))
    assert same(whole, parts)
    first, second = (own["buffers"]["buffer_a"]["images"] for own in whole["batches"]["processes"])
    assert first.shape == (4, 3, 16, 16) and not torch.equal(first, second)
    measured = [(folder / name / "measures.jsonl").read_text() for name in ("whole", "parts")]
    assert measured[0] == measured[1] and measured[0].count('"real images": 12') == 2
