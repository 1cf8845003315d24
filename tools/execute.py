"""Run notebooks and store their outputs, or check that the stored outputs are fresh.

python tools/execute.py notebooks/04_dcgan.ipynb       run at the cpu profile, store the outputs
python tools/execute.py                                 the same for every notebook
python tools/execute.py --profile smoke --to FOLDER     write the result to FOLDER instead
python tools/execute.py --exercises                     run and store the exercises' cells only
python tools/execute.py --check                         run nothing; report what is stale
"""

import argparse
import ast
import base64
import hashlib
import io
import os
import re
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import nbformat
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
REFUSED = ROOT / "_build" / "refused"
MAX_BYTES = 2_000_000
KEPT_CELL_METADATA = ("tags", "mystnb", "slide_title")
NOTEBOOK_METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}
# What a stored output may not show: folders of one machine, or an object's address.
MACHINE_PATH = re.compile(
    r"/(?:home|Users|root|tmp|content|work|mnt|var/folders)/|site-packages|ipykernel_\d|[A-Z]:\\"
)
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")


def all_notebooks():
    """Every notebook of the book, by listing the folder, so that none can be forgotten."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def has_tag(cell, tag):
    return tag in cell.metadata.get("tags", [])


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def exercise_cells(notebook):
    """The cells that readers write their answers in; nothing of the chapter depends on them."""
    return [cell for cell in code_cells(notebook) if has_tag(cell, "exercise")]


def code_hash(notebook):
    """SHA-256 of all code that a cpu run goes through.

    The `colab` cell installs only; an `exercise` cell stands alone and is run alone.
    """
    digest = hashlib.sha256()
    for cell in code_cells(notebook):
        if not has_tag(cell, "colab") and not has_tag(cell, "exercise"):
            source = without_gpu_branch(cell.source) if has_tag(cell, "gpu") else cell.source
            digest.update(source.encode() + b"\0")
    return digest.hexdigest()


def without_gpu_branch(source):
    """The source of a `gpu` cell without what only the gpu profile runs: the body of its `if`."""
    lines = source.splitlines()
    (branch,) = (node for node in ast.parse(source).body if isinstance(node, ast.If))
    del lines[branch.lineno : branch.body[-1].end_lineno]
    return "\n".join(lines)


def run(path, profile):
    """Run a notebook alone in an empty folder; return it with outputs, and the seconds taken."""
    import matplotlib.font_manager  # noqa: F401  (builds the font cache, which else shows on stderr)
    import papermill

    os.environ |= {"TQDM_DISABLE": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    # Threads that wait must not spin: beside another busy process that made kernels crawl.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory() as empty:
        started = time.perf_counter()
        executed = papermill.execute_notebook(
            path,
            Path(scratch, "executed.ipynb"),
            parameters={"PROFILE": profile},
            cwd=empty,
            execution_timeout=3600,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,  # it took a fifth of a smoke run
        )
        seconds = time.perf_counter() - started

    notebook = nbformat.read(path, 4)
    executed.cells = [cell for cell in executed.cells if not has_tag(cell, "injected-parameters")]
    for cell, result in zip(notebook.cells, executed.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs = merge_streams(result.outputs)
    return notebook, seconds


def run_exercises(path):
    """Run a notebook's exercise cells alone, in a fresh kernel; return their outputs by id."""
    from nbclient import NotebookClient

    cells = exercise_cells(nbformat.read(path, 4))
    alone = nbformat.v4.new_notebook(cells=cells, metadata=NOTEBOOK_METADATA)
    with tempfile.TemporaryDirectory() as empty:
        NotebookClient(alone, timeout=60, resources={"metadata": {"path": empty}}).execute()
    return {cell.id: merge_streams(cell.outputs) for cell in alone.cells}


def merge_streams(outputs):
    """Join the pieces in which a kernel sends printed text."""
    merged = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == "stream" == last.output_type and output.name == last.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def smaller_png(png):
    """A base64 PNG with 128 colours of its own, if that is smaller: grids of photos shrink most."""
    with Image.open(io.BytesIO(base64.b64decode(png))) as picture:
        few_colours = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    return min(png, encoded(few_colours, "PNG"), key=len)


def smaller_jpeg(jpeg):
    """A base64 JPEG of half quality, if that is smaller."""
    with Image.open(io.BytesIO(base64.b64decode(jpeg))) as picture:
        return min(jpeg, encoded(picture, "JPEG", quality=50), key=len)


def encoded(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, optimize=True, **options)
    return base64.b64encode(buffer.getvalue()).decode()


def shrink_pictures(notebook):
    """Shrink the pictures, if the file would be too large with them as they are."""
    for kind, smaller in (("image/png", smaller_png), ("image/jpeg", smaller_jpeg)):
        if len(nbformat.writes(notebook).encode()) <= MAX_BYTES:
            return
        for cell in code_cells(notebook):
            for output in cell.outputs:
                if kind in output.get("data", {}):
                    output.data[kind] = smaller(output.data[kind])


def clean(notebook):
    """Number the cells in order, keep only the metadata that the book uses, shrink the file."""
    notebook.metadata = {**NOTEBOOK_METADATA, "ganbook": notebook.metadata.get("ganbook", {})}
    for cell in notebook.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in KEPT_CELL_METADATA}
    number_cells(notebook)
    shrink_pictures(notebook)


def number_cells(notebook):
    """Number the code cells 1, 2, 3, …"""
    for count, cell in enumerate((c for c in code_cells(notebook) if c.source.strip()), start=1):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count


def usable_cores():
    """The cores this process may use; of a machine shared with others, not always all."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def describe_run(notebook, profile, seconds):
    """What the foot of the chapter's page says, and the hash that freshness is judged by."""
    return {
        "code_hash": code_hash(notebook),
        "profile": profile,
        "torch": version("torch").partition("+")[0],
        "python": ".".join(map(str, sys.version_info[:3])),
        "date": datetime.now(UTC).date().isoformat(),
        "cores": usable_cores(),
        "seconds": round(seconds, 1),
    }


def output_text(output):
    """All text of an output; pictures in base64 are left out."""
    if output.output_type == "stream":
        return output.text
    texts = [
        data
        for kind, data in output.get("data", {}).items()
        if isinstance(data, str) and (kind.startswith("text/") or kind == "image/svg+xml")
    ]
    return re.sub(r"base64,[A-Za-z0-9+/=\s]+", "", "\n".join(texts))


def output_faults(notebook):
    """What may not be in a stored output: errors, warnings, paths, addresses, progress bars."""
    faults = []
    for cell in code_cells(notebook):
        where = f"cell [{cell.execution_count}]"
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                faults.append(f"{where} stores the error {output.ename}: {output.evalue}")
                continue
            text = output_text(output)
            if output.output_type == "stream" and output.name == "stderr":
                faults.append(f"{where} writes to stderr: {text.strip()[:200]}")
            for pattern, name in ((MACHINE_PATH, "a path of the machine"), (ADDRESS, "an address")):
                lines = (line for line in text.splitlines() if pattern.search(line))
                faults += [f"{where} shows {name}: {line.strip()[:200]}" for line in lines]
            if "\r" in text or "application/vnd.jupyter.widget-view+json" in output.get("data", {}):
                faults.append(f"{where} stores a progress bar or widget")
    size = len(nbformat.writes(notebook).encode())
    if size > MAX_BYTES:
        faults.append(f"the file has {size:,} bytes, more than {MAX_BYTES:,}")
    return faults


def freshness_faults(notebook):
    """Why the stored outputs are not those of the stored code."""
    stored = notebook.metadata.get("ganbook", {})
    if not stored:
        return ["it was never executed"]
    faults = []
    if stored["code_hash"] != code_hash(notebook):
        faults.append("its code has changed since it was executed")
    if stored["profile"] != "cpu":
        faults.append(f"its outputs are of the {stored['profile']} profile, not cpu")
    counts = [cell.execution_count for cell in code_cells(notebook) if cell.source.strip()]
    if counts != list(range(1, len(counts) + 1)):
        faults.append("its execution counts are not 1, 2, 3, …")
    return faults


def execute(path, profile, folder):
    """Run one notebook and store it; return what is wrong with it."""
    print(f"{path.name}: running at {profile} …", flush=True)
    notebook, seconds = run(path, profile)
    notebook.metadata["ganbook"] = describe_run(notebook, profile, seconds)
    clean(notebook)
    faults = output_faults(notebook)
    if faults:
        REFUSED.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, REFUSED / path.name)
        print(f"{path.name}: not stored; see _build/refused/{path.name}", flush=True)
    else:
        nbformat.write(notebook, (folder or path.parent) / path.name)
        print(f"{path.name}: stored after {seconds:.1f} s", flush=True)
    return faults


def execute_exercises(path):
    """Run the exercise cells of one notebook and store their outputs; return what is wrong."""
    outputs = run_exercises(path)
    notebook = nbformat.read(path, 4)  # only now, so that an edit made meanwhile is not lost
    if [cell.id for cell in exercise_cells(notebook)] != list(outputs):
        return ["its exercise cells were changed while they ran; run it again"]
    for cell in exercise_cells(notebook):
        cell.outputs = outputs[cell.id]
    number_cells(notebook)
    faults = output_faults(notebook)
    if not faults:
        nbformat.write(notebook, path)
        print(f"{path.name}: {len(outputs)} exercise cells stored", flush=True)
    return faults


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: every notebook")
    parser.add_argument("--profile", choices=("smoke", "cpu", "gpu"), default="cpu")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="write there, not in place")
    parser.add_argument("--keep-going", action="store_true", help="go on after a notebook fails")
    parser.add_argument("--exercises", action="store_true", help="run their cells only, in place")
    parser.add_argument("--check", action="store_true", help="run nothing; report what is stale")
    args = parser.parse_args()
    paths = args.notebooks or all_notebooks()
    if not paths:
        sys.exit("execute: there is no notebook")
    if args.profile != "cpu" and not args.to and not args.check:
        sys.exit("execute: only cpu outputs are stored in place; give --to FOLDER")
    if args.to:
        args.to.mkdir(parents=True, exist_ok=True)

    failed = False
    for path in paths:
        try:
            if args.check:
                notebook = nbformat.read(path, 4)
                faults = freshness_faults(notebook) + output_faults(notebook)
            elif args.exercises:
                faults = execute_exercises(path)
            else:
                faults = execute(path, args.profile, args.to)
        except Exception as error:  # a cell that raised, a kernel that died
            faults = [str(error)]
        for fault in faults:
            print(f"{path.name}: {fault}", file=sys.stderr, flush=True)
        failed = failed or bool(faults)
        if faults and not args.check and not args.keep_going:
            break
    print("execute: " + ("something is wrong, see above" if failed else "all is well"))
    sys.exit(failed)


if __name__ == "__main__":
    main()
