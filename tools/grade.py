"""Grade a folder of submissions without Docker, one after the other.

python tools/grade.py 02_gan_game submissions/
python tools/grade.py 02_gan_game submissions/ --to results/ --seconds 60

Runs `otter run` with the archive of `make course` for each file, and writes to _build/grades/NAME
grades.csv (points of each task, total, what went wrong), feedback/STUDENT.md (points, and the
messages of public tests only) and open_answers.md (what a person has to read, one after the other).
A submission that cannot be read, does not run or takes too long gets its line, and the others are
graded all the same.

A submission is a program: run what you do not trust in a container or an account without rights.
"""

import argparse
import contextlib
import csv
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from tools.course.feedback import feedback, task_points
from tools.course.masters import master_path, read_master
from tools.course.submissions import Refused, open_answer, read_submission, submissions

ARCHIVES = ROOT / "_build" / "course" / "autograder"
GRADES = ROOT / "_build" / "grades"
TEST_SECONDS = 20  # of computing, for one test; each of ours takes far less than one


def run_alone(archive, notebook, seconds):
    """Grade a notebook in a process of its own; what takes longer is ended, kernel and all."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "report.json")
        command = [sys.executable, "-m", "tools.course.grade_one", archive, notebook, target]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        try:
            printed, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            end_all(process.pid)
            process.communicate()
            raise Refused(f"too slow: ended after {seconds} s") from None
        if not target.is_file():
            last = (printed.strip().splitlines() or ["no message"])[-1]
            raise Refused(f"does not run: {last[:200]}")
        report = json.loads(target.read_text(encoding="utf-8"))
    if "failed" in report:
        raise Refused(f"does not run: {report['failed'][:200]}")
    return report


def end_all(pid):
    """End a process of ours and all that it started."""
    parent = psutil.Process(pid)
    family = [*parent.children(recursive=True), parent]
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def grade(path, assignment, archive, seconds):
    """Grade one file; the report has a ``problem`` if something went wrong."""
    answer = ""
    try:
        notebook = read_submission(path, assignment)
        answer = open_answer(notebook)
        with tempfile.TemporaryDirectory() as folder:
            limit = f"from tools.course.time_limit import limit_tests; limit_tests({TEST_SECONDS})"
            notebook.cells.insert(0, nbformat.v4.new_code_cell(limit))
            copy = Path(folder, f"{assignment}.ipynb")
            nbformat.write(notebook, copy)
            report = run_alone(archive, copy, seconds)
    except Refused as refused:
        return {"tasks": {}, "errors": [], "problem": str(refused), "open": answer}
    report["open"] = answer
    errors = report["errors"]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        report["problem"] = f"a cell stopped: {errors[0]}{more}"
    return report


def possible_points(archive):
    """The points of each task, from the tests in the archive."""
    from otter.test_files import ExceptionTestFile

    with zipfile.ZipFile(archive) as tests:
        names = sorted(n for n in tests.namelist() if n.startswith("tests/") and n.endswith(".py"))
        files = [ExceptionTestFile.from_string(tests.read(name).decode()) for name in names]
    return {file.name: file.possible for file in files}


def grade_folder(assignment, folder, archive, target, seconds, open_points=0):
    """Grade all files below ``folder``; return the rows that stand in ``target/grades.csv``.

    The column ``open`` stays empty: a person fills it in.
    """
    possible = possible_points(archive)
    (target / "feedback").mkdir(parents=True, exist_ok=True)
    columns = ["name", *possible, "total", "of", "open", "problem"]
    rows = []
    with (
        (target / "grades.csv").open("w", newline="", encoding="utf-8") as file,
        (target / "open_answers.md").open("w", encoding="utf-8") as answers,
    ):
        answers.write(f"# {assignment}: answers to the open question\n")
        table = csv.DictWriter(file, columns)
        table.writeheader()
        for name, path in submissions(folder):
            report = grade(path, assignment, archive, seconds)
            points = {task: task_points(report["tasks"].get(task, []))[0] for task in possible}
            row = {"name": name, **points, "total": sum(points.values())}
            row |= {"of": sum(possible.values()), "problem": report.get("problem", "")}
            table.writerow(row)
            answers.write(f"\n## {name}\n\n{report['open'] or 'No answer.'}\n")
            file.flush()  # what is graded stays, whatever comes next
            answers.flush()
            text = feedback(name, assignment, report, open_points)
            (target / "feedback" / f"{name}.md").write_text(text, encoding="utf-8")
            print(f"{name}: {row['total']} of {row['of']}  {row['problem']}".rstrip(), flush=True)
            rows.append(row)
    return rows


def main(arguments=None):
    """Grade what is asked for; return 2 and say why when that cannot be done."""
    parser = argparse.ArgumentParser(prog="grade", description="Grade a folder of submissions.")
    parser.add_argument("assignment", help="such as 02_gan_game")
    parser.add_argument("submissions", type=Path, help="folder with notebooks or folders of them")
    parser.add_argument("--to", type=Path, help="folder for grades.csv and feedback/")
    parser.add_argument("--archive", type=Path, help="the autograder, if not that of make course")
    parser.add_argument("--seconds", type=float, default=180, help="for one submission (180)")
    options = parser.parse_args(arguments)
    try:
        master = read_master(master_path(options.assignment))
        archive = options.archive or ARCHIVES / f"{master.name}.zip"
        if not archive.is_file():
            raise FileNotFoundError(f"there is no {archive}; run: make course")
        if not options.submissions.is_dir():
            raise FileNotFoundError(f"{options.submissions} is no folder")
        if not any(submissions(options.submissions)):
            raise FileNotFoundError(f"there is no file in {options.submissions}")
    except (FileNotFoundError, ValueError) as error:
        print(f"grade: {error}", file=sys.stderr)
        return 2
    target = options.to or GRADES / master.name
    open_points = sum(task.points for task in master.tasks.values() if task.manual)
    grade_folder(master.name, options.submissions, archive, target, options.seconds, open_points)
    print(f"see grades.csv, open_answers.md and feedback in {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
