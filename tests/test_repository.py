"""The repository's files agree with each other and name no one machine."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest
import yaml

from tools.execute import MACHINE_PATH
from tools.retarget import current_ref, current_url, parts, retarget, text_files

# Bytes, of one file and of all: what ganbook ships goes through every git clone.
MAX_WEIGHTS, MAX_ALL_WEIGHTS = 5_000_000, 25_000_000


def requirement_name(line):
    return re.match(r"[A-Za-z0-9._-]+", line)[0].lower().replace("_", "-")


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def all_requirements(project):
    extras = project["optional-dependencies"].values()
    return [*project["dependencies"], *(line for extra in extras for line in extra)]


def test_environment_yml_installs_all_extras(root, project):
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    python, pip = (item for item in environment["dependencies"] if item != "pip")
    assert python == "python" + project["requires-python"]
    extras = ",".join(project["optional-dependencies"])
    assert pip == {"pip": ["--constraint constraints.txt", f"--editable .[{extras}]"]}


def test_the_makefile_installs_all_extras(root, project):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert f"EXTRAS := {','.join(project['optional-dependencies'])}\n" in makefile


def test_constraints_pin_every_requirement_exactly(root, project):
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    missing = {requirement_name(line) for line in all_requirements(project)} - {
        requirement_name(pin) for pin in pins
    }
    assert missing == set()


def test_bounds_are_wide(project):
    for line in all_requirements(project):
        assert "==" not in line and "~=" not in line, line


def test_no_file_names_a_machine(root):
    own = {"tools/execute.py", "tests/notebooks/test_fresh.py"}  # they know what a path looks like
    for path in text_files(root):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".ipynb" or name in own:  # outputs are searched by test_fresh
            continue
        text = path.read_text(encoding="utf-8").replace("/content/drive", "")  # every Colab's
        found = MACHINE_PATH.search(text)
        assert not found, f"{name}: {found[0]}"


def test_one_address_everywhere(root):
    owner, name = parts(current_url(root))
    name = re.escape(name)
    pattern = re.compile(rf"github(?:\.com)?/([\w.-]+)/{name}\b|([\w-]+)\.github\.io/{name}\b")
    for path in text_files(root):
        for match in pattern.finditer(path.read_text(encoding="utf-8")):
            found = (match[1] or match[2]).lower()
            assert found == owner.lower(), f"{path.relative_to(root)}: {match[0]}"


def refs(root):
    """Each tag or branch at which a file names the repository, with that file."""
    address = re.escape("/".join(parts(current_url(root))))
    pattern = re.compile(rf"{address}(?:@|/(?:blob|raw)/)([\w.-]+)")
    for path in text_files(root):
        for match in pattern.finditer(path.read_text(encoding="utf-8")):
            yield match[1], path.relative_to(root).as_posix()


def test_colab_takes_the_version_that_this_is(root, project):
    """Notebook and package from one tag; after `make retarget` without REF, from a branch."""
    ref = current_ref(root)
    if re.match(r"v?\d", ref):
        assert ref == f"v{project['version']}"
    found = list(refs(root))
    assert {there for there, _ in found} == {ref}, found
    notebooks = {f"notebooks/{path.name}" for path in (root / "notebooks").glob("*.ipynb")}
    assert {"README.md"} | notebooks <= {name for _, name in found}


@pytest.fixture
def copy(root, tmp_path):
    hidden = shutil.ignore_patterns(".git", ".venv", "_build", "*.egg-info", "__pycache__")
    return shutil.copytree(root, tmp_path / "copy", ignore=hidden)


def test_retarget_changes_every_file(root, copy):
    old_owner, old_name = parts(current_url(root))
    changed = retarget(copy, "https://github.com/Someone-Else/my.gans")
    names = {path.as_posix() for path in changed}
    assert {"_config.yml", "README.md", "pyproject.toml"} <= names
    assert {f"notebooks/{path.name}" for path in (root / "notebooks").glob("*.ipynb")} <= names
    students = {f"course/student/{path.name}" for path in (root / "course/student").glob("*.ipynb")}
    assert students and students <= names
    left = [p for p in text_files(copy) if f"{old_owner}/{old_name}" in p.read_text("utf-8")]
    assert left == []
    config = yaml.safe_load((copy / "_config.yml").read_text(encoding="utf-8"))
    assert config["repository"]["url"] == "https://github.com/Someone-Else/my.gans"
    assert config["html"]["baseurl"] == "https://someone-else.github.io/my.gans/"
    assert config["sphinx"]["config"]["notfound_urls_prefix"] == "/my.gans/"


def test_retarget_changes_the_ref_everywhere_and_back(root, copy):
    url = current_url(root)
    before = {path: path.read_bytes() for path in text_files(copy)}
    retarget(copy, url)
    assert {ref for ref, _ in refs(copy)} == {"main"}
    assert (
        yaml.safe_load((copy / "_config.yml").read_text("utf-8"))["repository"]["branch"] == "main"
    )
    retarget(copy, url, current_ref(root))
    assert {path: path.read_bytes() for path in text_files(copy)} == before


@pytest.mark.parametrize(
    "url", ["", "hands-on-gans", "https://example.com/a/b", "https://github.com/a"]
)
def test_retarget_refuses_what_is_no_repository(root, url):
    with pytest.raises(ValueError, match="the URL must be"):
        retarget(root, url)


@pytest.mark.parametrize("ref", ["", "a/b", "--help", "v 1"])
def test_retarget_refuses_what_is_no_ref(root, ref):
    with pytest.raises(ValueError, match="the REF must be"):
        retarget(root, current_url(root), ref)


def test_weights_are_small(root):
    sizes = {path.name: path.stat().st_size for path in (root / "ganbook" / "weights").glob("*")}
    assert all(name.endswith(".safetensors") for name in sizes)
    assert max(sizes.values()) <= MAX_WEIGHTS, sizes
    assert sum(sizes.values()) <= MAX_ALL_WEIGHTS, sizes


def test_the_wheel_holds_the_package_and_its_weights(root, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, source)
    shutil.copytree(root / "ganbook", source / "ganbook")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", tmp_path, source], check=True)
    with zipfile.ZipFile(next(tmp_path.glob("ganbook-*.whl"))) as wheel:
        held = {name for name in wheel.namelist() if name.startswith("ganbook/")}
    files = [*(root / "ganbook").rglob("*.py"), *(root / "ganbook").rglob("*.safetensors")]
    assert held == {path.relative_to(root).as_posix() for path in files}
