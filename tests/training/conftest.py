"""A tiny run for the tests of the training plumbing."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from ganbook.training.history import History


@dataclass(frozen=True)
class Config:
    """Settings of a tiny run."""

    width: int = 2
    rate: float = 0.1


@dataclass
class State:
    """One layer whose weight each step multiplies; not a GAN, and fit does not mind."""

    config: Config = field(default_factory=Config)
    layer: nn.Module = field(default_factory=lambda: nn.Linear(2, 2))
    step: int = 0
    history: History = field(default_factory=History)


def step(state, batch):
    """Draw a number, so that the random generator matters, and take the batch's mean."""
    with torch.no_grad():
        state.layer.weight.mul_(0.9).add_(torch.rand(()))
    return {"loss": batch[0].float().mean(), "noise": torch.rand(())}


@pytest.fixture
def tiny():
    """The pieces of a tiny run."""
    return SimpleNamespace(Config=Config, State=State, step=step)


@pytest.fixture
def batches():
    """Endless batches 0, 1, 2, ..."""
    return ((torch.tensor([float(i)]),) for i in iter(int, 1) for i in range(10**9))
