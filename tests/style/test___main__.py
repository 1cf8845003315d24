"""``python -m ganbook.style`` itself, as a process of its own."""

import os
import subprocess
import sys

from PIL import Image


def run(*arguments):
    command = [sys.executable, "-m", "ganbook.style", *map(str, arguments)]
    shown = {name: value for name, value in os.environ.items() if name != "TQDM_DISABLE"}
    return subprocess.run(command, capture_output=True, text=True, env=shown)


def test_a_picture_and_its_progress(tmp_path):
    for name in ("content", "style"):
        Image.effect_noise((32, 24), 60).save(tmp_path / f"{name}.png")
    files = [tmp_path / f"{name}.png" for name in ("content", "style", "out")]
    quick = ["--size", "64", "--steps", "2", "--weights", "random"]
    done = run(*files[:2], "-o", files[2], *quick)
    assert done.returncode == 0 and done.stdout == f"{files[2]}\n"
    assert "100%|" in done.stderr and "2/2" in done.stderr and "style=" in done.stderr
    assert Image.open(files[2]).size == (64, 48)


def test_an_error_is_one_sentence_and_exit_code_2(tmp_path):
    done = run(tmp_path / "nowhere.png", tmp_path / "x.png", "-o", tmp_path / "out.png")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == f"error: There is no file {tmp_path / 'nowhere.png'}.\n"
