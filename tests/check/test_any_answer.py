"""Whatever a reader's function returns, a check neither raises nor takes it for right."""

import inspect
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

SHARED = {"verdict", "values", "learning"}
FOLDER = Path(import_module("ganbook.check").__path__[0])
MODULES = sorted(path.stem for path in FOLDER.glob("[!_]*.py") if path.stem not in SHARED)


def checks():
    """Every function of a chapter's module whose one argument is the reader's function."""
    for name in MODULES:
        module = import_module(f"ganbook.check.{name}")
        for function in vars(module).values():
            if inspect.isfunction(function) and function.__module__ == module.__name__:
                first, *rest = inspect.signature(function).parameters.values()
                if not rest and first.name == "function":
                    yield pytest.param(function, id=f"{name}.{function.__name__}")


ODD = {
    "0": 0,
    "1": 1,
    "-2.5": -2.5,
    "infinity": float("inf"),
    "True": True,
    "text": "text",
    "empty list": [],
    "empty tuple": (),
    "dict": {"a": 1},
    "pair": (1, 2),
    "triple": (1.0, "b", [3]),
    "layers": [(0, 0, 0), (1, -1, 2), (1.5, None, "x")],
    "list of None": [None, None, None],
    "function": lambda *values: values,
    "network": nn.Linear(1, 1),
    "object": object(),
    "array": np.zeros((2, 2)),
    "number": torch.tensor(1.0),
    "empty": torch.tensor([]),
    "vector": torch.ones(3),
    "matrix": torch.zeros(2, 2),
    "images": torch.rand(4, 3, 8, 8),
    "NaN": torch.full((4, 3), float("nan")),
    "whole": torch.arange(5),
    "truth": torch.zeros(3, dtype=torch.bool),
    "complex": torch.ones(3, dtype=torch.complex64),
    "with gradient": torch.ones(3, requires_grad=True),
    "tensors": (torch.ones(2), torch.zeros(2)),
    "three tensors": (torch.ones(2), torch.tensor(1.0), torch.zeros(2, 2)),
}


def test_there_is_a_check_for_every_exercise(root):
    sources = "".join(path.read_text("utf-8") for path in (root / "notebooks").glob("*.ipynb"))
    names = [param.values[0].__name__ for param in checks()]
    assert len(names) >= 24
    assert [name for name in names if f"check.{name}(" not in sources] == []


@pytest.mark.parametrize("check", list(checks()))
def test_no_odd_answer_raises_or_is_right(check, said):
    for name, value in ODD.items():
        verdict = said(check, lambda *arguments, value=value, **named: value)
        assert verdict.startswith(("Not yet: ", "Not answered yet: ")), (name, verdict)
        assert len(verdict) < 600, verdict


@pytest.mark.parametrize("check", list(checks()))
def test_the_input_given_back_is_not_right(check, said):
    for k in range(4):
        verdict = said(check, lambda *arguments, k=k: arguments[k])
        assert not verdict.startswith("Right"), verdict


@pytest.mark.parametrize("check", list(checks()))
def test_it_says_what_is_checked(check):
    text = inspect.getdoc(check)
    assert text.startswith("Check exercise ") and "hecked" in text
