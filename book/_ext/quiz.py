"""Make a page of each quiz: every choice opens and says why it is right or wrong.

A quiz is a file `book/quizzes/NN_name.md`, named like its notebook:

    # Quiz 4: DCGAN

    ## A title that does not give the answer away

    The question, in Markdown, with code if need be. What comes out?

    - [ ] a choice: words, `code` and *emphasis*
      Its feedback, indented by two spaces.
    - [x] the right choice
      Its feedback.

A choice becomes `<details>`, which the browser itself opens by click and by key. No script is
needed. `write_handouts` writes the same questions for paper, without answers, and a key.
"""

import html
import re
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

FOLDER = "book/quizzes/"
TITLE = re.compile(r"# Quiz (\d+): (\S.*)")
CHOICE = re.compile(r"- \[([ x])\] (\S.*)")
LETTERS = "ABCD"
SHEET = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ max-width: 42rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif; }}
h2 {{ font-size: 1.1rem; break-after: avoid; }}
pre {{ padding: 0.6rem; border: 1px solid; white-space: pre-wrap; }}
ol, pre, table {{ break-inside: avoid; }}
ol {{ list-style: upper-alpha; }}
td, th {{ padding: 0.1rem 1rem 0.1rem 0; text-align: left; }}
@page {{ size: A4; margin: 15mm; }}
@media print {{
  body {{ max-width: none; margin: 0; padding: 0; font: 10pt/1.35 sans-serif; }}
  h1 {{ font-size: 15pt; margin: 0 0 0.5em; }}
  h2 {{ font-size: 11pt; margin: 0.9em 0 0.3em; }}
  p, ol, pre {{ margin: 0.3em 0; }}
}}
</style>
</head>
<body>
{body}</body>
</html>
"""


class Choice(NamedTuple):
    """One of the answers to choose from."""

    text: str
    right: bool
    feedback: str  # Markdown, one paragraph


class Question(NamedTuple):
    """A question and its choices, one of which is right."""

    title: str
    text: str  # Markdown, may hold code
    choices: tuple[Choice, ...]


class Quiz(NamedTuple):
    """The questions of one chapter."""

    chapter: int
    title: str
    questions: tuple[Question, ...]


def parse(text, name):
    """The quiz that a source holds; ValueError names the file and the line that is wrong."""
    head, found, in_code = None, [], False
    for number, line in enumerate(text.splitlines(), start=1):
        in_code ^= line.startswith("```")
        if head is None:
            if not (head := TITLE.fullmatch(line)):
                raise ValueError(f"{name}: the first line must be '# Quiz N: title', got {line!r}")
        elif line.startswith("## ") and not in_code:
            found.append((line.removeprefix("## "), [], []))
        elif not found:
            if line:
                raise ValueError(f"{name}, line {number}: text before the first question")
        elif choice := CHOICE.fullmatch(line):
            found[-1][2].append((choice[2], choice[1] == "x", []))
        elif found[-1][2]:
            if line and not line.startswith("  "):
                raise ValueError(
                    f"{name}, line {number}: feedback is indented by two spaces, got {line!r}"
                )
            found[-1][2][-1][2].append(line.strip())
        else:
            found[-1][1].append(line)
    if head is None:
        raise ValueError(f"{name}: the first line must be '# Quiz N: title', but there is none")
    questions = (
        Question(
            title,
            "\n".join(lines).strip(),
            tuple(Choice(words, right, " ".join(said).strip()) for words, right, said in choices),
        )
        for title, lines, choices in found
    )
    return Quiz(int(head[1]), head[2], tuple(questions))


def read_quizzes(folder):
    """All quizzes of a folder by name, in the chapters' order."""
    paths = sorted(Path(folder).glob("[0-9][0-9]_*.md"))
    if not paths:
        raise FileNotFoundError(f"{folder} holds no quiz; they are named like 04_dcgan.md.")
    return {path.stem: parse(path.read_text(encoding="utf-8"), path.name) for path in paths}


def answers(quiz):
    """The right letters, such as "BDACB"."""
    return "".join(
        LETTERS[[choice.right for choice in question.choices].index(True)]
        for question in quiz.questions
    )


def inline_html(text):
    """A choice as HTML: `code` and *emphasis* are all that it may hold."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
    return re.sub(r"(?<![*\w])\*([^*]+)\*(?![*\w])", r"<em>\1</em>", text)


def page(quiz, name):
    """The Markdown of the quiz's page on the site."""
    lines = [
        f"# Quiz {quiz.chapter}: {quiz.title}",
        "",
        f"Five questions on [chapter {quiz.chapter}](../../notebooks/{name}.ipynb). Decide first, "
        "then open your answer: each says why it is right or wrong. With the keyboard, "
        "<kbd>Tab</kbd> goes from answer to answer, and <kbd>Enter</kbd> opens one.",
        "",
    ]
    for number, question in enumerate(quiz.questions, start=1):
        lines += [f"## {number}. {question.title}", "", question.text, ""]
        for letter, choice in zip(LETTERS, question.choices):
            lines += [
                '<details class="quiz-choice">',
                f"<summary><b>{letter}</b> {inline_html(choice.text)}</summary>",
                "",
                f"**{'Right.' if choice.right else 'No.'}** {choice.feedback}",
                "",
                "</details>",
                "",
            ]
    return "\n".join(lines)


def handout(quiz):
    """The quiz as a page of HTML to print, without answers."""
    render = MarkdownIt().render
    title = f"Quiz {quiz.chapter}: {quiz.title}"
    body = [f"<h1>{html.escape(title)}</h1>\n<p>Name: ____________________</p>\n"]
    for number, question in enumerate(quiz.questions, start=1):
        choices = "".join(f"<li>{inline_html(choice.text)}</li>\n" for choice in question.choices)
        body += [render(f"## {number}. {question.title}\n\n{question.text}\n")]
        body += [f"<ol>\n{choices}</ol>\n"]
    return SHEET.format(title=html.escape(title), body="".join(body))


def key(quizzes):
    """The right letters of all quizzes as a page of HTML to print."""
    rows = "".join(
        f"<tr><td>{quiz.chapter}</td><td>{html.escape(quiz.title)}</td>"
        f"<td>{' '.join(answers(quiz))}</td></tr>\n"
        for quiz in quizzes
    )
    body = (
        "<h1>Key to the quizzes</h1>\n<table>\n"
        f"<tr><th>Chapter</th><th>Quiz</th><th>Questions 1 to 5</th></tr>\n{rows}</table>\n"
    )
    return SHEET.format(title="Key to the quizzes", body=body)


def write_handouts(source, target):
    """Write a sheet for each quiz of the folder `source`, and key.html; return the files."""
    quizzes = read_quizzes(source)
    pages = {f"{name}.html": handout(quiz) for name, quiz in quizzes.items()}
    pages["key.html"] = key(quizzes.values())
    Path(target).mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        Path(target, name).write_text(text, encoding="utf-8")
    return [Path(target, name) for name in pages]


def make_page(app, docname, source):
    name = docname.removeprefix(FOLDER)
    if docname.startswith(FOLDER) and name != "index":
        source[0] = page(parse(source[0], f"{name}.md"), name)


def setup(app):
    app.connect("source-read", make_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
