"""ganbook.runtime: profile, device, seeds, precision."""

import random

import numpy as np
import pytest
import torch

from ganbook import runtime


@pytest.mark.parametrize("profile", ["smoke", "cpu", "gpu"])
def test_a_named_profile_wins(profile, monkeypatch):
    monkeypatch.setenv("GANBOOK_PROFILE", "smoke")
    assert runtime.resolve_profile(profile) == profile


def test_auto_asks_the_environment(monkeypatch):
    monkeypatch.setenv("GANBOOK_PROFILE", "smoke")
    assert runtime.resolve_profile() == "smoke"


@pytest.mark.parametrize("environment", [None, "", "auto"])
@pytest.mark.parametrize(("cuda", "expected"), [(True, "gpu"), (False, "cpu")])
def test_auto_asks_for_cuda_last(environment, cuda, expected, monkeypatch):
    if environment is None:
        monkeypatch.delenv("GANBOOK_PROFILE", raising=False)
    else:
        monkeypatch.setenv("GANBOOK_PROFILE", environment)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    assert runtime.resolve_profile("auto") == expected
    assert runtime.choose_device().type == ("cuda" if cuda else "cpu")


def test_an_unknown_profile_is_refused_by_the_name_of_its_source(monkeypatch):
    with pytest.raises(ValueError, match=r"profile is 'fast'; accepted are smoke, cpu, gpu"):
        runtime.resolve_profile("fast")
    monkeypatch.setenv("GANBOOK_PROFILE", "quick")
    with pytest.raises(ValueError, match=r"GANBOOK_PROFILE is 'quick'; accepted are smoke"):
        runtime.resolve_profile()


def test_seeding_covers_three_generators():
    def draw(seed):
        runtime.seed_everything(seed)
        return random.random(), np.random.rand(), torch.rand(()).item()

    first, again, other = draw(3), draw(3), draw(4)
    assert first == again
    assert all(a != b for a, b in zip(first, other))
    assert draw(2**40 + 5) == draw(2**40 + 5)  # larger than NumPy takes


def test_autocast_changes_the_dtype_only_for_bf16():
    layer, x = torch.nn.Linear(3, 3), torch.ones(1, 3)
    with runtime.autocast(torch.device("cpu"), "float32"):
        assert layer(x).dtype == torch.float32
    with runtime.autocast(torch.device("cpu"), "bf16"):
        assert layer(x).dtype == torch.bfloat16
    assert layer(x).dtype == torch.float32


def test_memory_format():
    assert runtime.memory_format("float32") == torch.contiguous_format
    assert runtime.memory_format("bf16") == torch.channels_last


@pytest.mark.parametrize(
    "function", [runtime.memory_format, lambda p: runtime.autocast(torch.device("cpu"), p)]
)
def test_an_unknown_precision_is_refused(function):
    with pytest.raises(ValueError, match=r"precision is 'fp16'; accepted are float32, bf16"):
        function("fp16")
