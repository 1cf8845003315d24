"""ganbook.training.resume: with a file it goes on, without one it begins."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ganbook.training.checkpoint import save_checkpoint
from ganbook.training.resume import resume, runs_folder


def test_without_a_file_nothing_changes(tiny, tmp_path):
    state = tiny.State(step=2)
    before, random = (
        {k: v.clone() for k, v in state.layer.state_dict().items()},
        torch.get_rng_state(),
    )
    assert resume(tmp_path / "nothing.pt", state) is state
    assert state.step == 2 and torch.equal(torch.get_rng_state(), random)
    torch.testing.assert_close(state.layer.state_dict(), before, rtol=0, atol=0)


def test_with_a_file_it_goes_on(tiny, tmp_path):
    saved, state = tiny.State(step=7), tiny.State()
    save_checkpoint(tmp_path / "x.pt", saved)
    assert resume(str(tmp_path / "x.pt"), state) is state and state.step == 7
    torch.testing.assert_close(state.layer.state_dict(), saved.layer.state_dict(), rtol=0, atol=0)


def test_another_config_is_refused(tiny, tmp_path):
    save_checkpoint(tmp_path / "x.pt", tiny.State())
    with pytest.raises(ValueError, match="another config"):
        resume(tmp_path / "x.pt", tiny.State(config=replace(tiny.Config(), width=3)))


def test_the_drive_is_used_where_it_is_mounted(tmp_path):
    assert runs_folder(tmp_path) == tmp_path / "ganbook-runs"
    assert runs_folder(tmp_path / "absent") == Path("runs") == runs_folder()
