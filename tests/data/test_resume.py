"""ganbook.data.resume: a broken download goes on, over loopback.

How an archive uses it is in tests/data/test_downloads.py.
"""

import hashlib
from pathlib import Path

import pooch
import pytest

from ganbook.data.resume import PIECE, resuming
from tests.loopback import serve

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def server(tmp_path):
    with serve(tmp_path / "served") as loopback:
        (loopback.folder / "x.bin").write_bytes(CONTENT)
        yield loopback


def fetch(server, root, content=CONTENT):
    checksum = "sha256:" + hashlib.sha256(content).hexdigest()
    part = root / "x.bin.part"
    return pooch.retrieve(f"{server.url}/x.bin", checksum, "x.bin", root, downloader=resuming(part))


def test_a_whole_download(server, tmp_path):
    file = fetch(server, tmp_path / "root")
    assert Path(file).read_bytes() == CONTENT
    assert [f.name for f in (tmp_path / "root").iterdir()] == ["x.bin"]
    assert server.downloads("x.bin") == [0]


def test_only_the_rest_is_asked_for(server, tmp_path):
    root = tmp_path / "root"
    part, starts = root / "x.bin.part", [0]
    for cut in (70_000, 1, 100_000):
        server.cut["x.bin"] = cut
        with pytest.raises(OSError):
            fetch(server, root)
        starts.append(part.stat().st_size)
        assert cut - PIECE < starts[-1] - starts[-2] <= cut
    assert [f.name for f in root.iterdir()] == ["x.bin.part"]
    assert part.read_bytes() == CONTENT[: starts[-1]]
    assert Path(fetch(server, root)).read_bytes() == CONTENT
    assert server.downloads("x.bin") == starts


def test_a_server_without_parts_sends_all_again(server, tmp_path):
    server.ranges, server.cut["x.bin"] = False, 70_000
    with pytest.raises(OSError):
        fetch(server, tmp_path)
    assert Path(fetch(server, tmp_path)).read_bytes() == CONTENT


def test_after_the_last_byte_nothing_is_missing(server, tmp_path):
    (tmp_path / "x.bin.part").write_bytes(CONTENT)
    assert Path(fetch(server, tmp_path)).read_bytes() == CONTENT


def test_a_part_of_something_else_does_not_stay(server, tmp_path):
    (tmp_path / "x.bin.part").write_bytes(b"something else")
    with pytest.raises(ValueError, match="hash"):
        fetch(server, tmp_path)
    assert not (tmp_path / "x.bin.part").exists()
    assert Path(fetch(server, tmp_path)).read_bytes() == CONTENT


def test_what_is_not_there_leaves_nothing(server, tmp_path):
    (server.folder / "x.bin").unlink()
    with pytest.raises(OSError, match="404"):
        fetch(server, tmp_path / "root")
    assert list((tmp_path / "root").iterdir()) == []
