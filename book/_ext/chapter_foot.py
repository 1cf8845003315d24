"""Write at each chapter's foot what goes with it, and when, with what and how long it was run."""

import json
from datetime import date
from pathlib import Path

from docutils import nodes

# The assignment that practises a chapter, and the part of the guide that tells how to teach it.
# Links are those of a page in notebooks/.
ASSIGNMENTS = "../book/teaching/assignments.html#assignment-"
TEN_WEEKS = "../book/teaching/syllabus_ten_weeks.html#week-"
WORKSHOP = "../book/teaching/workshop_three_days.html#unit-"
TAUGHT = {
    "01_pytorch_basics": ("1-tensors-and-autograd", TEN_WEEKS + "1-tensors-gradients-training"),
    "02_image_generation": (None, TEN_WEEKS + "2-what-it-means-to-generate"),
    "03_vanilla_gan": ("2-the-gan-game", TEN_WEEKS + "3-the-game"),
    "04_dcgan": ("3-dcgan", TEN_WEEKS + "4-networks-that-see"),
    "05_stable_training": ("4-stability-and-metrics", TEN_WEEKS + "5-why-training-fails"),
    "06_conditional_gan": ("5-conditional-gan-and-pix2pix", TEN_WEEKS + "7-say-what-to-draw"),
    "07_pix2pix": ("5-conditional-gan-and-pix2pix", TEN_WEEKS + "8-from-pairs"),
    "08_cyclegan": ("6-cyclegan", TEN_WEEKS + "9-without-pairs"),
    "09_style_transfer": (
        "7-style-transfer",
        TEN_WEEKS + "10-style-and-what-gans-are-good-for",
    ),
    "10_evaluation": ("4-stability-and-metrics", TEN_WEEKS + "6-how-good-are-the-images"),
    "11_applications": (None, TEN_WEEKS + "10-style-and-what-gans-are-good-for"),
    "12_scaling_up": (None, WORKSHOP + "6-style-own-images-and-care"),
    "A1_bugs_in_the_wild": (None, TEN_WEEKS + "3-the-game"),
}


def companions(name, has_quiz):
    """What goes with a chapter, as pairs of words and link."""
    assignment, lesson = TAUGHT[name]
    if has_quiz:
        yield f"quiz {int(name[:2])}", f"../book/quizzes/{name}.html"
    if assignment:
        yield f"assignment {assignment[0]}", ASSIGNMENTS + assignment
    yield "slides", f"../slides/{name}.html"
    week = lesson.partition("#")[2].split("-")
    yield f"how to teach it ({week[0]} {week[1]})", lesson


def companion_line(name, has_quiz):
    """One line that links all that goes with a chapter."""
    line = nodes.paragraph(classes=["companions"])
    line += nodes.Text("With this chapter go: ")
    for number, (words, link) in enumerate(companions(name, has_quiz)):
        line += nodes.Text(" · " if number else "")
        line += nodes.reference("", words, refuri=link, internal=False)
    return line


def sentence(run):
    """The run's record, as `tools/execute.py` stores it, in one sentence."""
    day = date.fromisoformat(run["date"])
    minutes, seconds = divmod(round(run["seconds"]), 60)
    took = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    cores = "one CPU core" if run["cores"] == 1 else f"{run['cores']} CPU cores"
    return (
        f"The outputs on this page are from a run on {day.day} {day:%B %Y} with PyTorch "
        f"{run['torch']} and Python {run['python']}, profile {run['profile']}, "
        f"on {cores}. It took {took}."
    )


def add_foot(app, doctree):
    source = Path(app.env.doc2path(app.env.docname))
    if source.suffix != ".ipynb":
        return
    foot = nodes.container(classes=["chapter-foot"])
    if source.stem in TAUGHT:  # a teacher's own notebook is not
        quiz = Path(app.srcdir, "book", "quizzes", f"{source.stem}.md")
        foot += companion_line(source.stem, quiz.is_file())
    run = json.loads(source.read_text(encoding="utf-8"))["metadata"].get("ganbook")
    if run:
        foot += nodes.paragraph(text=sentence(run))
    if foot.children:
        doctree += foot


def setup(app):
    app.connect("doctree-read", add_foot)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
