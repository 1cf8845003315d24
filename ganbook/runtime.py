"""Where and how the code runs: profile, device, seeds, precision."""

import contextlib
import os
import random

import numpy as np
import torch

PROFILES = ("smoke", "cpu", "gpu")
PRECISIONS = ("float32", "bf16")


def resolve_profile(profile: str = "auto") -> str:
    """Return the profile: ``smoke`` (seconds), ``cpu`` (minutes) or ``gpu`` (real data sets).

    ``auto`` means the environment variable ``GANBOOK_PROFILE`` if it is set, else ``gpu`` where
    CUDA is available, else ``cpu``.

    Raises:
        ValueError: the name is none of these.
    """
    source = "profile"
    if profile == "auto":
        source = "GANBOOK_PROFILE"
        profile = os.environ.get(source, "auto")
    if profile in ("", "auto"):
        profile = "gpu" if torch.cuda.is_available() else "cpu"
    if profile not in PROFILES:
        accepted = ", ".join(PROFILES)
        raise ValueError(f"{source} is {profile!r}; accepted are {accepted}, and 'auto'.")
    return profile


def choose_device() -> torch.device:
    """Return the CUDA device if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def seed_everything(seed: int) -> None:
    """Seed Python's, NumPy's and PyTorch's global random generators with one number."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def check_precision(precision: str) -> None:
    """Raise a ValueError unless ``precision`` is ``float32`` or ``bf16``."""
    if precision not in PRECISIONS:
        raise ValueError(f"precision is {precision!r}; accepted are {', '.join(PRECISIONS)}.")


def autocast(device: torch.device, precision: str = "float32") -> contextlib.AbstractContextManager:
    """Return the context in which networks run: bfloat16 where that is safe, or plain float32.

    Raises:
        ValueError: ``precision`` is neither ``float32`` nor ``bf16``.
    """
    check_precision(precision)
    if precision == "float32":
        return contextlib.nullcontext()
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16)


def memory_format(precision: str) -> torch.memory_format:
    """Return the layout that goes with a precision: channels_last for bf16, contiguous otherwise.

    bfloat16 convolutions reach their full speed only when the channels are stored last.
    """
    check_precision(precision)
    return torch.channels_last if precision == "bf16" else torch.contiguous_format
