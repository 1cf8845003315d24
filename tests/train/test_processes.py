"""ganbook.train.processes: alone, and what two processes say to each other."""

import torch
import torch.distributed as dist

from ganbook.train import processes as group
from ganbook.train.processes import Processes


def test_one_process_needs_no_group(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    alone = group.start()
    assert (alone.share, alone.device.type) == (
        (0, 1),
        "cuda" if torch.cuda.is_available() else "cpu",
    )
    assert not dist.is_initialized()
    values = torch.tensor([1.0, 3.0])
    assert alone.mean(values) is values
    assert alone.any(True) is True and alone.any(False) is False
    assert alone.gather("mine") == ["mine"]
    alone.wait(), group.stop()
    assert Processes() == Processes(0, 1, torch.device("cpu"))


def test_two_processes(two):
    for rank, found in enumerate(two):
        found = found["processes"]
        assert (found["rank"], found["count"]) == (rank, 2)
        assert found["mean"].tolist() == [2.0]  # of 1 and 3
        assert found["any"] == [False, True, True]
        assert [thing["rank"] for thing in found["gather"]] == [0, 1]
        assert [thing["rows"].tolist() for thing in found["gather"]] == [[0], [1, 1]]
