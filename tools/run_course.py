"""Run an assignment's solutions and its training part, as a student who solved everything would.

python tools/run_course.py                        all assignments, for real: minutes each
python tools/run_course.py 02_gan_game            this one
python tools/run_course.py --quick --to FOLDER    a few steps of training only, stored in FOLDER

The executed notebook, with its pictures, goes to _build/course/instructor/NAME/NAME.ipynb.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import papermill

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from tools.build_course import OUT, build, write_notebook
from tools.course.masters import all_names

SECONDS_A_CELL = 900


def run(name, quick, out=OUT, target=None):
    """Build the assignment below ``out`` and run its solved notebook; return where it lies.

    papermill's error tells which cell raised. With ``quick`` the notebook's QUICK is True.
    """
    build(name, out)
    solved = out / "instructor" / name / f"{name}.ipynb"
    with tempfile.TemporaryDirectory() as folder:  # otter keeps a log where a notebook runs
        executed = papermill.execute_notebook(
            shutil.copy(solved, folder),
            None,
            parameters={"QUICK": True} if quick else {},
            cwd=folder,
            progress_bar=False,
            execution_timeout=SECONDS_A_CELL,
        )
    target = target or solved
    write_notebook(without_traces(executed), target)
    return target


def without_traces(notebook):
    """The notebook without papermill's own metadata and without the cell that it put in."""
    notebook.metadata.pop("papermill", None)
    kept = [c for c in notebook.cells if "injected-parameters" not in c.metadata.get("tags", [])]
    for cell in kept:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
    notebook.cells = kept
    return notebook


def main(arguments=None):
    """Run what is asked for; return 1 when a notebook raised."""
    parser = argparse.ArgumentParser(prog="run_course", description="Run the solved assignments.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as 02_gan_game; else all")
    parser.add_argument("--quick", action="store_true", help="a few steps of training only")
    parser.add_argument("--to", type=Path, help="folder for the executed notebooks")
    options = parser.parse_args(arguments)
    failed = False
    for name in options.names or all_names():
        start = time.perf_counter()
        target = options.to and options.to / f"{name}.ipynb"
        try:
            there = run(name, options.quick, target=target)
            print(f"{name}: {time.perf_counter() - start:.0f} s, {there}", flush=True)
        except Exception as error:  # a cell that raised, a kernel that died
            failed = True
            print(f"{name}: {error}", file=sys.stderr, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
