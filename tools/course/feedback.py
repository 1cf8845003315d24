"""What a student is told: points of each task, and the messages of public tests only."""


def task_points(cases):
    """The points that a task got, and those that it could get."""
    return sum(c["points"] for c in cases if c["passed"]), sum(c["points"] for c in cases)


def feedback(name, assignment, report, open_points):
    """Markdown for one student; ``report`` is what ``grade_one`` found, or has a ``problem``."""
    lines = [f"# {assignment}: {name}", ""]
    if report.get("problem"):
        lines += [f"**Something went wrong:** {report['problem']}", ""]
    tasks = report.get("tasks", {})
    if tasks:
        pairs = [task_points(cases) for cases in tasks.values()]
        lines += [f"**{sum(p for p, _ in pairs)} of {sum(q for _, q in pairs)} points** by tests."]
        if open_points:
            lines += [f"The open question (up to {open_points} points) is read by a person."]
        lines += ["", "| Task | Points | From hidden tests |", "|---|---|---|"]
        for task, cases in tasks.items():
            got, possible = task_points(cases)
            hidden, all_hidden = task_points([c for c in cases if c["hidden"]])
            lines += [f"| {task} | {got} of {possible} | {hidden} of {all_hidden} |"]
        lines += [""]
    for task, cases in tasks.items():
        for case in cases:
            if case.get("message"):
                lines += [f"## {task}: a public test failed", "", "```text", case["message"]]
                lines += ["```", ""]
    if report.get("errors"):
        lines += ["## Cells that stopped with an error", ""]
        lines += [f"- {error}" for error in report["errors"]] + [""]
    return "\n".join(lines)
