"""Build the course from its master notebooks with otter-grader.

python tools/build_course.py                 all assignments
python tools/build_course.py 02_gan_game     this one

_build/course/student      notebooks to hand out; the same go to course/student, which Colab opens
_build/course/autograder   archives with the hidden tests, for tools/grade.py, otter and Gradescope
_build/course/instructor   solutions, typical wrong answers, rubric, quizzes: not for students
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from tools.course.answers_page import answers_page
from tools.course.masters import STUDENT, all_names, master_path, read_master, wrong_answers
from tools.course.student import finished

OUT = ROOT / "_build" / "course"
# For an autograder in a container (Gradescope): ganbook from the repository, PyTorch for CPUs.
REQUIREMENTS = [
    "--extra-index-url https://download.pytorch.org/whl/cpu",
    "ganbook[samples,course] @ git+https://github.com/your--name/hands-on-gans@v0.1.0",
]


def run_otter(master, folder):
    """Let ``otter assign`` make its student and autograder folders below ``folder``."""
    from otter.assign import main as assign

    copy = nbformat.from_dict(master.notebook)
    # No name: Colab may drop it from a file's metadata, and otter would refuse the submission.
    config = {key: value for key, value in master.config.items() if key != "name"}
    config |= {"requirements": REQUIREMENTS, "python_version": "3.12"}
    copy.cells[0].source = "# ASSIGNMENT CONFIG\n" + yaml.safe_dump(config, sort_keys=False)
    source = folder / "master" / master.path.name
    source.parent.mkdir()
    nbformat.write(copy, source)
    assign(str(source), str(folder / "out"), no_pdfs=True, no_run_tests=True)
    return folder / "out"


def put(source, target):
    """Move a finished file to its place, at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(source, temporary)
    temporary.replace(target)


def write_notebook(notebook, target):
    """Write a notebook to its place, at once."""
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(notebook, Path(folder, "x.ipynb"))
        put(Path(folder, "x.ipynb"), target)


def same_code(notebook, path):
    """Whether the notebook at ``path`` has the same cells; its outputs are then worth keeping."""
    if not path.is_file():
        return False
    there = nbformat.read(path, 4)
    return [c.source for c in there.cells] == [c.source for c in notebook.cells]


def build(name, out=OUT):
    """Build one assignment below ``out``; return the student version's path."""
    master, wrong = read_master(master_path(name)), wrong_answers(name)
    with tempfile.TemporaryDirectory() as folder:
        made = run_otter(master, Path(folder))
        student = finished(nbformat.read(made / "student" / master.path.name, 4), name)
        solved = finished(nbformat.read(made / "autograder" / master.path.name, 4), name)
        [archive] = (made / "autograder").glob("*.zip")
        put(archive, out / "autograder" / f"{name}.zip")
    write_notebook(student, out / "student" / f"{name}.ipynb")
    teacher = out / "instructor" / name
    if not same_code(solved, teacher / f"{name}.ipynb"):
        write_notebook(solved, teacher / f"{name}.ipynb")
    (teacher / "wrong_answers.md").write_text(answers_page(master, wrong), encoding="utf-8")
    return out / "student" / f"{name}.ipynb"


def add_teaching_material(out=OUT):
    """Put the rubric and the quizzes into the instructors' folder."""
    rubric = ROOT / "book" / "teaching" / "grading.md"
    put(rubric, out / "instructor" / "grading.md")
    from book._ext.quiz import write_handouts

    write_handouts(ROOT / "book" / "quizzes", out / "instructor" / "quizzes")


def main(arguments=None):
    """Build what is asked for; return 2 and say why when a master is not in order."""
    parser = argparse.ArgumentParser(prog="build_course", description="Build the course.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as 02_gan_game; else all")
    parser.add_argument("--out", type=Path, default=OUT, help="folder to build in")
    options = parser.parse_args(arguments)
    failed = False
    for name in options.names or all_names():
        try:
            student = build(name, options.out)
        except Exception as error:  # of ours or of otter's: the others are built all the same
            print(f"build_course: {name}: {error}", file=sys.stderr)
            failed = True
            continue
        if options.out == OUT:
            put(student, STUDENT / student.name)
        print(f"built {name}")
    add_teaching_material(options.out)
    return 2 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
