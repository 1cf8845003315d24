"""A notebook's gpu branch at smoke's sizes: the same cells, other numbers, nothing in the notebook.

The settings of a chapter are a dict of three dicts, chosen with ``[profile]``. What is a choice in
them (a name, True or False, None) is taken from gpu, unless cpu makes the same, whose outputs are
stored; all else is taken from smoke, above all sizes (a number, a tuple). The notebook then runs
with ``PROFILE = "smoke"``, so that its claims are not asserted.
"""

import ast

import nbformat
import torch

PROFILES = ("smoke", "cpu", "gpu")


def own_choices(smoke, cpu, gpu):
    """What gpu chooses and cpu does not.

    Raises:
        ValueError: smoke and gpu have other keys.
    """
    if smoke.keys() != gpu.keys():
        raise ValueError(f"smoke and gpu differ in {sorted(smoke.keys() ^ gpu.keys())}.")
    return {
        name: value
        for name, value in gpu.items()
        if value != cpu[name] and (is_choice(value) or is_choice(smoke[name]))
    }


def is_choice(value) -> bool:
    return value is None or isinstance(value, (bool, str))


class _Settings(ast.NodeTransformer):
    """Replaces ``{"smoke": …, "cpu": …, "gpu": …}[profile]`` by smoke's with gpu's own choices."""

    def __init__(self):
        self.found, self.own = 0, {}

    def visit_Subscript(self, node):
        self.generic_visit(node)
        table = node.value
        if not isinstance(table, ast.Dict) or not isinstance(node.slice, ast.Name):
            return node
        keys = [key.value for key in table.keys if isinstance(key, ast.Constant)]
        if node.slice.id != "profile" or tuple(keys) != PROFILES:
            return node
        profiles = [
            eval(compile(ast.Expression(value), "settings", "eval"), {"torch": torch})
            for value in table.values
        ]
        own = own_choices(*profiles)
        self.found += 1
        self.own |= own
        return ast.parse(repr(profiles[0] | own), mode="eval").body


def gpu_in_small(notebook, first: str):
    """Return a copy with the settings rewritten and a first cell ``first``, and gpu's own choices.

    Raises:
        ValueError: no cell has the settings of the three profiles.
    """
    copy, change = nbformat.from_dict(notebook), _Settings()
    for cell in copy.cells:
        if cell.cell_type == "code" and '"gpu"' in cell.source:
            before = change.found
            tree = change.visit(ast.parse(cell.source))
            if change.found > before:
                cell.source = ast.unparse(ast.fix_missing_locations(tree))
    if not change.found:
        raise ValueError('No {"smoke": …, "cpu": …, "gpu": …}[profile] was found.')
    copy.cells.insert(0, nbformat.v4.new_code_cell(first))
    return copy, change.own
