"""Imports point one way, and importing the package costs nothing."""

import ast
import subprocess
import sys

import pytest

# What each part may import, itself always included. The order is that of the design:
# runtime, nn, data, losses -> models -> metrics, training -> style -> gans; plotting stands apart,
# and check, which only readers call, stands on top of all.
BASE = {"runtime", "nn", "data", "losses"}
ALLOWED = {
    "__init__": set(),
    "runtime": set(),
    "arguments": set(),
    **{part: BASE for part in ("nn", "data", "losses")},
    "models": BASE,
    "metrics": BASE | {"models", "arguments"},
    "training": BASE | {"models"},
    "style": BASE | {"models", "training", "arguments"},
    "gans": BASE | {"models", "metrics", "style", "training"},
    "generation": BASE | {"models", "metrics", "style", "training"},
    "train": BASE | {"models", "metrics", "training", "gans", "arguments"},
    "export": BASE | {"models", "training", "gans", "arguments"},
    "plotting": {"runtime"},
    "check": BASE | {"models", "metrics", "style", "training", "gans", "generation"},
}


def ganbook_imports(source, package):
    """Yield the dotted names that a module imports from ganbook, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "ganbook")


def part_of(name):
    return (name.split(".") + ["__init__"])[1]


def modules(root):
    for path in sorted((root / "ganbook").rglob("*.py")):
        relative = path.relative_to(root).with_suffix("")
        yield path, relative.parts


def test_every_part_has_its_place(root):
    parts = {names[1] for _, names in modules(root)}
    assert parts <= ALLOWED.keys()


def test_imports_point_one_way(root):
    wrong = []
    for path, names in modules(root):
        here = names[1]
        for imported in ganbook_imports(path.read_text("utf-8"), names[:-1]):
            if part_of(imported) not in ALLOWED[here] | {here}:
                wrong.append(f"{'.'.join(names)} imports {imported}")
    assert wrong == []


def test_training_and_the_gans_know_each_other_one_way_only(root):
    variants = {path.stem for path in (root / "ganbook" / "gans").glob("[!_]*.py")}
    for path in (root / "ganbook" / "training").glob("*.py"):
        names = {
            node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)
        }
        assert not names & variants, path.name


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n    from ganbook.gans import dcgan", ["ganbook.gans.dcgan"]),
        ("import ganbook.data.toy as toy", ["ganbook.data.toy"]),
        ("from ..models import mlp", ["ganbook.models.mlp"]),
        ("from . import history", ["ganbook.training.history"]),
        ("import torch", []),
    ],
)
def test_the_reader_of_imports_sees_all_forms(source, found):
    assert list(ganbook_imports(source, ("ganbook", "training"))) == found


def loaded_after(statement):
    code = f"import sys; {statement}; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_importing_ganbook_imports_nothing_else():
    loaded = loaded_after("import ganbook")
    assert "ganbook" in loaded
    assert not loaded & {"torch", "numpy", "torchvision", "matplotlib", "PIL"}


def test_the_core_does_not_wait_for_torchvision_or_matplotlib():
    loaded = loaded_after(
        "from ganbook.gans import dcgan, vanilla;"
        "from ganbook.training import fit, checkpoint, callbacks;"
        "from ganbook.data import brain, digits, edges, emoji, horses, paired, printed_digits;"
        "from ganbook.data import stream, toy, unpaired;"
        "from ganbook.gans import stable;"
        "from ganbook.training import diagnostics;"
        "from ganbook.metrics import checks, frechet, image_quality, inception_score, kernel;"
        "from ganbook.metrics import modes, moments, nearest, path_length, precision_recall;"
        "from ganbook.metrics import resample, segmentation, two_alternative;"
        "from ganbook.data import matting, paintings, photo_crops, photos, transforms;"
        "from ganbook.generation import autoencoder, diffusion, glo, vae;"
        "from ganbook.style import arbitrary, coarse_to_fine, fast, gatys, quilting, texture;"
        "from ganbook.check import applications, basics, conditional, cyclegan, dcgan, evaluation;"
        "from ganbook.check import generation, pix2pix, scaling, stable, style, vanilla"
    )
    assert "torch" in loaded
    assert not loaded & {"torchvision", "matplotlib"}


def test_every_module_is_tested(root):
    """Each file of the package has its test file of the same name."""
    tests = root / "tests"
    for path, names in modules(root):
        if path.stem != "__init__":
            expected = tests.joinpath(*names[1:-1], f"test_{path.stem}.py")
            assert expected.is_file(), expected.relative_to(root)
