"""``python -m ganbook.metrics`` itself, as a process of its own."""

import os
import subprocess
import sys

from PIL import Image


def run(*arguments):
    command = [sys.executable, "-m", "ganbook.metrics", *arguments]
    shown = {name: value for name, value in os.environ.items() if name != "TQDM_DISABLE"}
    return subprocess.run(command, capture_output=True, text=True, env=shown)


def test_help_lists_the_options():
    done = run("--help")
    assert done.returncode == 0 and done.stderr == ""
    for option in ("--features", "--metrics", "--bootstrap", "--skip-unreadable", "--format"):
        assert option in done.stdout


def test_an_error_is_one_sentence_and_exit_code_2(tmp_path):
    done = run(str(tmp_path / "nowhere"), str(tmp_path))
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == f"error: There is no folder {tmp_path / 'nowhere'}.\n"


def test_a_result_on_standard_output_and_progress_beside_it(tmp_path):
    for i in range(12):
        Image.effect_noise((32, 32), 20 + 5 * i).save(tmp_path / f"{i}.png")
    done = run(str(tmp_path), str(tmp_path), "--features", "digits", "--bootstrap", "0")
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert done.stdout.startswith("real: ") and "%|" not in done.stdout
    for title in ("real", "fake", "metrics"):
        assert f"{title}: 100%|" in done.stderr
    distance = next(line for line in done.stdout.splitlines() if line.startswith("Fréchet"))
    assert float(distance.split()[2]) < 1e-6  # a folder against itself
