"""Take functions and classes out of a notebook, to hold them equal to the package's."""

import ast
import types
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager


def from_notebook(path, names, **given):
    """Execute a notebook's imports and the definitions called `names`, nothing else.

    `given` are values that the definitions use, such as settings. Returns a module with the names.
    """
    path, wanted, found = Path(path), set(names), set()
    module = types.ModuleType(path.stem)
    vars(module).update(given)
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type != "code":
            continue
        for node in ast.parse(TransformerManager().transform_cell(cell.source)).body:
            defines = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in wanted
            if defines or isinstance(node, ast.Import | ast.ImportFrom):
                code = compile(ast.Module([node], []), str(path), "exec")
                exec(code, vars(module))
                found |= {node.name} if defines else set()
    if missing := sorted(wanted - found):
        raise LookupError(f"{path.name} does not define {', '.join(missing)}")
    return module
