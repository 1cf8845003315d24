"""Checkpoints: everything needed to continue as if nothing had happened."""

import os
import random
import zipfile
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch


def save_checkpoint(path: str | Path, state: Any, batches: Any = None) -> None:
    """Write networks, optimizers, averages, counters, random generators and config to one file.

    The file is written beside its place and then renamed: whoever reads ``path`` finds the old
    checkpoint or the new one, never half of one.

    Args:
        path: the file; its folder is made.
        state: a dataclass; each field with a ``state_dict`` is saved, and ``step`` and ``config``.
        batches: the ``BatchStream`` in use, so that its order continues.

    Raises:
        FloatingPointError: a parameter is NaN or infinite; the file stays as it was.
    """
    path = Path(path)
    for name, part in _parts(state).items():
        weights = part.parameters() if isinstance(part, torch.nn.Module) else ()
        if not all(torch.isfinite(value).all() for value in weights):
            raise FloatingPointError(f"{name} has NaN or infinite weights; {path} is not written.")
    content = {
        "config": _describe(state.config),
        "step": state.step,
        "parts": {name: part.state_dict() for name, part in _parts(state).items()},
        "batches": None if batches is None else batches.state_dict(),
        "random": _random_state(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".writing")
    with open(beside, "wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def load_checkpoint(path: str | Path, state: Any, batches: Any = None) -> Any:
    """Restore what :func:`save_checkpoint` wrote into ``state`` (and ``batches``); return it.

    Loaded with ``weights_only=True``: a checkpoint from elsewhere cannot run code.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not a readable checkpoint, or one of another config (the message says where they
            differ); ``state`` is unchanged then.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no checkpoint {path}.")
    try:
        with zipfile.ZipFile(path) as archive:
            if (damaged := archive.testzip()) is not None:  # torch does not look at the checksums
                raise ValueError(f"the checksum of {damaged} is wrong")
        content = torch.load(path, map_location="cpu", weights_only=True)
        saved = content["config"]
    except Exception as error:
        raise ValueError(f"{path} is not a readable checkpoint: {error}") from error
    _check_same_config(path, saved, _describe(state.config))
    if batches is not None and content["batches"] is None:
        raise ValueError(f"{path} was saved without batches, so their order cannot continue.")
    if batches is not None:
        batches.load_state_dict(content["batches"])
    for name, part in _parts(state).items():
        part.load_state_dict(content["parts"][name])
    state.step = content["step"]
    _set_random_state(content["random"])
    return state


def _parts(state: Any) -> dict[str, Any]:
    values = {field.name: getattr(state, field.name) for field in fields(state)}
    return {name: value for name, value in values.items() if hasattr(value, "state_dict")}


def _describe(config: Any) -> dict[str, str]:
    """Return the config as text, which any later version can read and compare."""
    kind = type(config)
    values = {name: repr(value) for name, value in asdict(config).items()}
    return {"class": f"{kind.__module__}.{kind.__qualname__}", **values}


def _check_same_config(path: Path, saved: dict[str, str], here: dict[str, str]) -> None:
    names = sorted(saved.keys() | here.keys())
    differing = [
        f"{name}: {saved.get(name, 'absent')} in the file, {here.get(name, 'absent')} here"
        for name in names
        if saved.get(name) != here.get(name)
    ]
    if differing:
        raise ValueError(f"{path} is of another config. " + "; ".join(differing) + ".")


def _random_state() -> dict[str, Any]:
    numpy_name, numpy_keys, *numpy_rest = np.random.get_state()
    return {
        "python": random.getstate(),
        "numpy": (numpy_name, torch.from_numpy(numpy_keys.astype(np.int64)), *numpy_rest),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def _set_random_state(saved: dict[str, Any]) -> None:
    random.setstate(saved["python"])
    name, keys, *rest = saved["numpy"]
    np.random.set_state((name, keys.numpy().astype(np.uint32), *rest))
    torch.set_rng_state(saved["torch"])
    if torch.cuda.is_available() and len(saved["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(saved["cuda"])
