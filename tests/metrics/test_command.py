"""ganbook.metrics.command: what a reader sees; never a traceback."""

import json
from functools import partial

import pytest
import torch
from PIL import Image

from ganbook.metrics import compare
from ganbook.metrics.command import main
from tests import commands

refused = partial(commands.refused, main)


@pytest.fixture
def folders(tmp_path):
    generator = torch.Generator().manual_seed(0)
    for name, shift in (("real", 0), ("fake", 40)):
        (tmp_path / name).mkdir()
        for i in range(14):
            pixels = torch.randint(0, 200, (32, 32), generator=generator) + shift
            Image.fromarray(pixels.byte().numpy()).save(tmp_path / name / f"{i}.png")
    return [str(tmp_path / "real"), str(tmp_path / "fake")]


def run(capsys, *arguments):
    code = main([str(a) for a in arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_the_table(folders, capsys):
    code, out, err = run(capsys, *folders, "--features", "digits", "--bootstrap", "10")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == f"real: {folders[0]} (14 images, 32 x 32)"
    assert lines[2] == "features: this book's digit classifier (not FID), 64 dimensions"
    names = ["Fréchet distance", "kernel distance", "precision", "recall", "density", "coverage"]
    assert [line[:16].strip() for line in lines[5:11]] == names
    assert all(" to " in line for line in lines[5:11])
    assert lines[-2] == "half: the value of 7 images each; compare it with the floor,"
    assert lines[-1].startswith("one half of the real images against the other")
    assert max(map(len, lines[3:])) <= 100
    assert "warning: 14 real and 14 fake images do not determine covariances in 64" in err


def test_json_and_no_intervals(folders, capsys):
    options = ["--features", "digits", "--format", "json", "--bootstrap", "0", "--seed", "3"]
    code, out, _ = run(capsys, *folders, *options, "--metrics", "kernel", "inception-score")
    report = json.loads(out)
    assert code == 0 and report["seed"] == 3 and report["repetitions"] == 0
    assert [row["name"] for row in report["metrics"]] == ["kernel distance", "classifier score"]
    assert report["metrics"][0]["low"] is None
    code, out, _ = run(capsys, *folders, *options[:2], "--bootstrap", "0", "--metrics", "kernel")
    assert code == 0 and " to " not in out


def test_unequal_sizes_can_be_made_equal(folders, capsys, tmp_path):
    Image.new("RGB", (40, 50)).save(tmp_path / "fake" / "odd.png")
    options = ["--features", "vgg", "--metrics", "kernel", "--bootstrap", "0"]
    message = refused(capsys, *folders, *options)
    assert "The images differ in size: 32 x 32 (28 images" in message and "odd.png" in message
    code, out, _ = run(capsys, *folders, *options, "--size", "16")
    assert code == 0 and "(15 images, 16 x 16)" in out


def test_unreadable_files(folders, capsys, tmp_path):
    (tmp_path / "real" / "a.png").write_text("no image")
    options = ["--features", "digits", "--bootstrap", "0"]
    message = refused(capsys, *folders, *options)
    assert message.startswith("error: 1 file cannot be read as an image:")
    assert "a.png" in message and "--skip-unreadable" in message
    code, out, err = run(capsys, *folders, *options, "--skip-unreadable")
    assert code == 0 and "(14 images" in out and "warning: 1 unreadable left out: " in err


def test_folders_that_are_not_there(folders, capsys, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "error: There is no folder" in refused(capsys, folders[0], tmp_path / "x")
    assert "error: No image in" in refused(capsys, tmp_path / "empty", folders[1])
    assert "arguments are required: fake" in refused(capsys, folders[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--features", "clip"], "invalid choice: 'clip'"),
        (["--metrics", "fid"], "invalid choice: 'fid'"),
        (["--bootstrap", "-3"], "-3 is not a whole number of at least 0"),
        (["--bootstrap", "1"], "error: repetitions must be 0, or at least 2, got 1."),
        (["--batch-size", "many"], "many is not a whole number of at least 1"),
        (["--size", "4"], "4 is not a whole number of at least 8"),
        (["--features", "vgg", "--metrics", "inception-score"], "error: inception-score needs a"),
        (["--weights", "nowhere.pth"], "error: There is no file nowhere.pth."),
    ],
)
def test_options_that_make_no_sense(folders, capsys, options, message):
    assert message in refused(capsys, *folders, *options)


def test_inception_offline_says_so_in_one_line(folders, capsys, monkeypatch):
    def offline(weights):
        raise RuntimeError("Inception-v3's weights could not be downloaded")

    monkeypatch.setattr(compare, "load_inception", offline)
    message = refused(capsys, *folders)
    assert message == "error: Inception-v3's weights could not be downloaded"


def test_ctrl_c_leaves_no_traceback(folders, capsys, monkeypatch):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(compare, "stream_features", stop)
    code, out, err = run(capsys, *folders, "--features", "digits")
    assert (code, out) == (130, "") and err.endswith("stopped\n")
