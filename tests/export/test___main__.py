"""``python -m ganbook.export`` itself, as a process of its own."""

import subprocess
import sys


def test_an_error_is_one_sentence_and_exit_code_2(tmp_path):
    command = [sys.executable, "-m", "ganbook.export", str(tmp_path / "x.pt"), "--to", "g.pt2"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == f"error: There is no checkpoint {tmp_path / 'x.pt'}.\n"
