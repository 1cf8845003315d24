"""A machine in Colab's situation, in a folder.

Colab's packages lie in a folder that every fresh machine finds ready made: here
``_build/colab/<hash>``, made once. PyTorch and what it needs are links to those of ``.venv`` (a
second copy would be 5 GB); all the rest are the versions below, older than ``.venv``'s. A fresh
machine is an empty virtual environment that sees this folder through a ``.pth`` file. pip regards
what lies there as installed and cannot remove it; if it wanted other versions it would install
them into the environment, where ``versions`` finds them first.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import distribution, distributions
from pathlib import Path

from filelock import FileLock
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(sysconfig.get_paths()["purelib"])

# As on Colab in 2025: NumPy 2.0, IPython 7 and ipykernel 6 of 2022, scikit-learn 1.6.
PREINSTALLED = [
    "numpy==2.0.2",
    "scipy==1.15.3",
    "pandas==2.2.2",
    "matplotlib==3.10.0",
    "pillow==11.3.0",
    "scikit-learn==1.6.1",
    "scikit-image==0.25.2",
    "h5py==3.14.0",
    "tqdm==4.67.1",
    "requests==2.32.4",
    "safetensors==0.5.3",
    "pooch==1.8.2",
    "ipython==7.34.0",
    "ipykernel==6.17.1",
    "jupyter-client==7.4.9",
    "traitlets==5.7.1",
]
LINKED = ("torch", "torchvision")
OWN = {Requirement(line).name for line in PREINSTALLED}


def needed(names: tuple[str, ...]) -> dict[str, str]:
    """The versions of these distributions and of all that they need, as ``.venv`` has them."""
    found: dict[str, str] = {}
    seen = set()
    waiting = [(name, "") for name in names]  # a name with one extra, or with none
    while waiting:
        if (wanted := waiting.pop()) in seen or wanted[0] in OWN:
            continue
        seen.add(wanted)
        name, extra = wanted
        here = distribution(name)
        found[here.metadata["Name"].lower()] = here.version
        for requirement in map(Requirement, here.requires or ()):
            asked = requirement.marker is None or requirement.marker.evaluate({"extra": extra})
            if asked and is_installed(requirement.name):
                waiting += [(requirement.name, extra) for extra in ("", *requirement.extras)]
    return found


def is_installed(name: str) -> bool:
    return any(True for _ in distributions(name=name))


def link(name: str, folder: Path) -> None:
    """Link the top-level folders and modules of a distribution of ``.venv``."""
    tops = {Path(file).parts[0] for file in distribution(name).files or ()}
    for top in tops - {"..", "__pycache__"}:
        target = folder / top
        if not os.path.lexists(target) and (SITE / top).exists():
            target.symlink_to(SITE / top)


def preinstalled() -> Path:
    """Make the folder of Colab's packages, or find it made."""
    linked = needed(LINKED)
    recipe = json.dumps([PREINSTALLED, sorted(linked.items()), sys.version])
    folder = ROOT / "_build" / "colab" / hashlib.sha256(recipe.encode()).hexdigest()[:12]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            make_preinstalled(folder, linked)
    return folder


def make_preinstalled(folder: Path, linked: dict[str, str]) -> None:
    making = folder.with_name(f"{folder.name}-unfinished")
    shutil.rmtree(making, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-warn-conflicts"]
    subprocess.run(
        [*command, "--target", making, *PREINSTALLED], check=True, env=plain_environment()
    )
    brought = {here.metadata["Name"].lower() for here in distributions(path=[str(making)])}
    for name in linked.keys() - brought:
        link(name, making)
    making.rename(folder)


def plain_environment(**more: str) -> dict[str, str]:
    """Our environment without what would lead Python or pip back to this checkout."""
    dropped = {"PYTHONPATH", "VIRTUAL_ENV", "GANBOOK_SOURCE", "GANBOOK_PROFILE"}
    return {k: v for k, v in os.environ.items() if k not in dropped} | more


class Machine:
    """A fresh machine in ``folder``; its kernel is called ``colab``."""

    def __init__(self, folder: Path):
        self.folder, self.python = folder, folder / "env" / "bin" / "python"
        self.home, self.writes = folder / "home", folder / "writes.txt"

    def make(self, source: str) -> "Machine":
        """Make it; ``source`` is where ganbook will be installed from."""
        self.home.mkdir(parents=True)
        (self.folder / "tmp").mkdir()
        brought = preinstalled()
        subprocess.run([sys.executable, "-m", "venv", self.folder / "env"], check=True)
        # That of venv would hide Colab's.
        uninstall = [self.python, "-m", "pip", "uninstall", "--quiet"]
        subprocess.run([*uninstall, "--yes", "setuptools"], check=True, env=plain_environment())
        site = Path(sysconfig.get_path("purelib", vars={"base": str(self.folder / "env")}))
        (site / "colab.pth").write_text(f"{brought}\n")
        (site / "google" / "colab").mkdir(parents=True)
        shutil.copy(
            Path(__file__).with_name("google_colab.py"), site / "google" / "colab" / "__init__.py"
        )
        self._add_kernel(source)
        return self

    def _add_kernel(self, source: str) -> None:
        start = (
            "import google.colab; from ipykernel.kernelapp import launch_new_instance as go; go()"
        )
        cache = subprocess.run(
            [sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True
        )
        environment = {
            "HOME": str(self.home),
            "TMPDIR": str(self.folder / "tmp"),
            "COLAB_WRITES": str(self.writes),
            "GANBOOK_SOURCE": source,
            "GANBOOK_PROFILE": "",
            "PYTHONPATH": "",
            "PIP_CACHE_DIR": cache.stdout.strip(),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
        kernel = self.folder / "jupyter" / "kernels" / "colab"
        kernel.mkdir(parents=True)
        (kernel / "kernel.json").write_text(
            json.dumps(
                {
                    "argv": [str(self.python), "-c", start, "-f", "{connection_file}"],
                    "display_name": "Colab",
                    "language": "python",
                    "env": environment,
                }
            )
        )

    def versions(self) -> dict[str, str]:
        """Each distribution that Python finds, with the version that it would import."""
        code = (
            "import json; from importlib.metadata import distributions; found = {};"
            "[found.setdefault(d.metadata['Name'].lower(), d.version) for d in distributions()];"
            "print(json.dumps(found))"
        )
        command = [self.python, "-c", code]  # not in the checkout: its egg-info would be found
        told = subprocess.check_output(command, cwd=self.folder, env=plain_environment())
        return json.loads(told)

    def written_elsewhere(self) -> set[str]:
        """The paths outside of this machine that a notebook's Python wrote to."""
        if not self.writes.is_file():
            return set()
        paths = set(self.writes.read_text("utf-8", "replace").split("\n")) - {""}
        inside = (str(self.folder), "/dev/", "/proc/")
        return {path for path in paths if not path.startswith(inside)}
