"""Answers written as changes of a right one, for the files `wrong_answers.py`."""


def changed(code, *pairs):
    """Return the code with each old piece, which must be there, replaced by a new one."""
    for old, new in pairs:
        if old not in code:
            raise ValueError(f"{old!r} is not in the code.")
        code = code.replace(old, new)
    return code


def wrong(task, points, name, code, *pairs):
    """Describe one wrong answer: the code with the changes of ``changed``."""
    return dict(task=task, name=name, points=points, code=changed(code, *pairs))
