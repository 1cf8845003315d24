"""Grade one notebook in a process of its own: python -m tools.course.grade_one ZIP NOTEBOOK JSON.

Started by ``tools/grade.py``, which ends it when it takes too long.
"""

import json
import re
import sys
from pathlib import Path


def cell_errors(notebook):
    """Each error that a cell of the student's raised, in one line."""
    found = []
    for cell in notebook.cells if notebook else ():
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                first = cell.source.strip().splitlines()[0][:60]
                value = re.sub(r"\(\d+\.py, line", "(line", output.evalue)  # IPython's file
                found.append(f"{output.ename} in the cell {first!r}: {value}"[:200])
    return found


def plain(message):
    """A message of otter's without its frame, and with the quotes that it cuts off."""
    lines = [line for line in message.splitlines() if not re.match("❌|Error at line", line)]
    text = re.sub(r"^(\w+: )(\w+' object)", r"\1'\2", "\n".join(lines).strip(), flags=re.M)
    text += "'" if text.count("'") % 2 and re.search(r"attribute '\w+$", text) else ""
    return text.removesuffix(":")


def case_report(case):
    """What ``grade`` needs to know of one test case; of a hidden one no message."""
    test = case.test_case
    report = {"hidden": bool(test.hidden), "passed": bool(case.passed), "points": test.points}
    if not test.hidden and not case.passed:
        report["message"] = "\n".join(filter(None, [test.failure_message, plain(case.message)]))
    return report


def grade_one(archive, notebook):
    """Run ``otter run``; return the cases of each task and the errors of the cells."""
    from otter.run import main as otter_run

    results = otter_run(str(notebook), autograder=str(archive), output_dir=None, no_logo=True)
    if results.has_catastrophic_failure():
        return {"failed": f"no results came back: {results.catastrophic_error}"}
    tasks = {
        name: [case_report(case) for case in file.test_case_results]
        for name, file in sorted(results.results.items())
    }
    return {"tasks": tasks, "errors": cell_errors(results.notebook)}


if __name__ == "__main__":
    archive, notebook, target = sys.argv[1:]
    Path(target).write_text(json.dumps(grade_one(archive, notebook)), encoding="utf-8")
