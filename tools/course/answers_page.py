"""The typical wrong answers to an assignment, as a page for the teacher."""

import textwrap


def answers_page(master, wrong):
    """Markdown: for each task what students get wrong, the code, and the points it gets."""
    lines = [f"# {master.name}: what students get wrong", ""]
    lines += ["Each of these answers was graded by the hidden tests (`make test`).", ""]
    for name, task in master.graded.items():
        lines += [f"## {task.text[0].splitlines()[0].lstrip('# ')} ({task.points} points)", ""]
        for entry in (entry for entry in wrong.WRONG if entry["task"] == name):
            lines += [f"**{entry['name']}**: {entry['points']} of {task.points} points", ""]
            lines += ["```python", textwrap.dedent(entry["code"]).strip("\n"), "```", ""]
    return "\n".join(lines)
