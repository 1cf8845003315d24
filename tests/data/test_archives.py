"""ganbook.data.archives: small archives over loopback; whole or not at all."""

import hashlib
import io
import stat
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from ganbook.data import archives
from ganbook.data.archives import ARCHIVES, Archive, fetch_archive, load_unpaired
from tests.loopback import serve


@pytest.fixture
def server(tmp_path):
    with serve(tmp_path / "served") as loopback:
        yield loopback


def png(color):
    file = io.BytesIO()
    Image.fromarray(np.full((20, 30, 3), color, np.uint8)).save(file, "png")
    return file.getvalue()


FILES = {
    **{f"trainA/{i}.png": png(10 * i) for i in range(3)},
    **{f"trainB/{i}.png": png(200 + 10 * i) for i in range(5)},
    "testA/0.png": png(0),
    "testB/0.png": png(255),
}


def make_zip(path, files=FILES, top="tiny/"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if top:
            archive.writestr(top, "")
        for name, content in files.items():
            archive.writestr(top + name, content)


def make_tar(path, files=FILES, top="tiny/"):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(top + name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def described(server, file_name, **changes):
    content = (server.folder / file_name).read_bytes()
    fields = {
        "url": f"{server.url}/{file_name}",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "offline": "ganbook.data.horses",
    }
    return Archive(**{**fields, **changes})


def contents(folder):
    files = [f for f in folder.rglob("*") if f.is_file()]
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in files}


@pytest.mark.parametrize("file_name", ["tiny.zip", "tiny.tar.gz"])
@pytest.mark.parametrize("top", ["tiny/", "another-name/", ""])
def test_the_folder_holds_what_the_archive_holds(server, tmp_path, file_name, top):
    (make_zip if file_name.endswith("zip") else make_tar)(server.folder / file_name, top=top)
    root = tmp_path / "deep" / "data"
    folder = fetch_archive(described(server, file_name), root)
    assert folder == root / "tiny"
    assert contents(folder) == FILES
    assert [f.name for f in root.iterdir()] == ["tiny"]  # no archive, nothing half unpacked


def test_what_is_there_is_not_fetched_again(server, tmp_path):
    make_zip(server.folder / "tiny.zip")
    archive = described(server, "tiny.zip")
    first = fetch_archive(archive, tmp_path)
    (first / "trainA" / "0.png").write_bytes(b"changed by the reader")
    server.asked.clear()
    assert fetch_archive(archive, tmp_path) == first
    assert server.asked == []
    assert (first / "trainA" / "0.png").read_bytes() == b"changed by the reader"


def test_a_known_archive_is_asked_for_by_name(server, tmp_path, monkeypatch):
    make_zip(server.folder / "tiny.zip")
    monkeypatch.setitem(ARCHIVES, "tiny", described(server, "tiny.zip"))
    assert contents(fetch_archive("tiny", tmp_path)) == FILES
    with pytest.raises(ValueError, match="archive is 'zebra2horse'; accepted are horse2zebra, mon"):
        fetch_archive("zebra2horse", tmp_path)


def test_the_known_archives():
    assert ARCHIVES.keys() == {"horse2zebra", "monet2photo", "facades", "maps"}
    for name, archive in ARCHIVES.items():
        assert archive.url.startswith("https://efrosgans.eecs.berkeley.edu/")
        assert name in archive.url and archive.size > 10**7
        if archive.url.endswith(".zip"):  # published checksums
            assert len(archive.sha256) == 64 and int(archive.sha256, 16)
        else:
            assert archive.sha256 is None
        __import__(archive.offline)  # what the message offers is there


def left_behind(root):
    return [f.name for f in root.iterdir()] if root.exists() else []


def test_a_wrong_checksum(server, tmp_path):
    make_zip(server.folder / "tiny.zip")
    right = described(server, "tiny.zip")
    root = tmp_path / "data"
    with pytest.raises(ValueError, match=r"tiny\.zip has another checksum .* ganbook.data.horses"):
        fetch_archive(described(server, "tiny.zip", sha256="0" * 64), root)
    assert left_behind(root) == []
    # The caller's checksum counts more than the known one, and fills in where none is known.
    with pytest.raises(ValueError, match="another checksum"):
        fetch_archive(right, root, sha256="1" * 64)
    unknown = described(server, "tiny.zip", sha256=None, size=1)
    assert fetch_archive(unknown, root, sha256=right.sha256).is_dir()


def test_a_wrong_size_where_no_checksum_is_known(server, tmp_path):
    make_tar(server.folder / "tiny.tar.gz")
    right = described(server, "tiny.tar.gz", sha256=None)
    wrong = described(server, "tiny.tar.gz", sha256=None, size=right.size + 1)
    root = tmp_path / "data"
    with pytest.raises(ValueError, match=f"has {right.size} bytes, expected {right.size + 1}"):
        fetch_archive(wrong, root)
    assert left_behind(root) == []
    assert contents(fetch_archive(right, root)) == FILES


def test_a_file_that_is_gone_and_a_machine_without_network(server, tmp_path):
    make_zip(server.folder / "tiny.zip")
    gone = described(server, "tiny.zip", url=f"{server.url}/other.zip")
    offline = described(server, "tiny.zip", url="http://127.0.0.1:9/tiny.zip")  # nobody listens
    for archive in (gone, offline):
        with pytest.raises(RuntimeError, match=r"could not be downloaded .* ganbook\.data\.horses"):
            fetch_archive(archive, tmp_path / "data")
        assert left_behind(tmp_path / "data") == []


@pytest.mark.parametrize("file_name", ["tiny.zip", "tiny.tar.gz"])
@pytest.mark.parametrize("damage", ["cut", "middle", "garbage", "empty"])
def test_a_corrupt_archive(server, tmp_path, file_name, damage):
    """The checksum fits, since it is that of the damaged file: the archive was made so."""
    path = server.folder / file_name
    noise = np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8).tobytes()
    files = {**FILES, "trainA/noise.png": noise}  # cannot be compressed: most of the archive
    (make_zip if file_name.endswith("zip") else make_tar)(path, files)
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(
        {
            "cut": content[:half],
            "middle": content[:half] + bytes(20) + content[half + 20 :],
            "garbage": b"<html>Please log in</html>",
            "empty": b"",
        }[damage]
    )
    with pytest.raises(ValueError, match=f"{file_name} is not a whole zip or tar archive"):
        fetch_archive(described(server, file_name), tmp_path / "data")
    assert left_behind(tmp_path / "data") == []


OUTSIDE = ["../evil.txt", "tiny/../../evil.txt", "/ganbook-evil.txt", "..\\evil.txt", "c:\\x"]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_no_member_is_written_outside(server, tmp_path, name, make):
    file_name = "tiny.zip" if make is make_zip else "tiny.tar.gz"
    make(server.folder / file_name, {"tiny/good.txt": b"good", name: b"evil"}, top="")
    root = tmp_path / "data"
    with pytest.raises(ValueError, match="would be written outside its folder") as raised:
        fetch_archive(described(server, file_name), root)
    assert repr(name) in str(raised.value)
    assert left_behind(root) == []
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(server, tmp_path, kind):
    with tarfile.open(server.folder / "tiny.tar", "w") as archive:
        member = tarfile.TarInfo("tiny/link")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(ValueError, match="member 'tiny/link' is a link or device"):
        fetch_archive(described(server, "tiny.tar"), tmp_path / "data")
    assert left_behind(tmp_path / "data") == []


def test_links_in_a_zip_are_refused(server, tmp_path):
    with zipfile.ZipFile(server.folder / "tiny.zip", "w") as archive:
        link = zipfile.ZipInfo("tiny/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc")
    with pytest.raises(ValueError, match="member 'tiny/link' is a link or device"):
        fetch_archive(described(server, "tiny.zip"), tmp_path / "data")
    assert left_behind(tmp_path / "data") == []


def test_nothing_is_printed(server, tmp_path, capfd):
    make_zip(server.folder / "tiny.zip")
    fetch_archive(described(server, "tiny.zip"), tmp_path)
    assert capfd.readouterr() == ("", "")


def test_load_unpaired(server, tmp_path):
    make_zip(server.folder / "tiny.zip")
    folder = fetch_archive(described(server, "tiny.zip"), tmp_path)
    a, b = load_unpaired(folder, size=16)
    assert (len(a), len(b)) == (3, 5)
    (first,), (last,) = a[0], b[4]
    assert first.shape == (3, 16, 16)
    assert first.unique().tolist() == [-1] and last.unique().item() == pytest.approx(
        240 / 127.5 - 1
    )
    a, b = load_unpaired(str(folder), "test", size=8)
    assert (len(a), len(b)) == (1, 1) and b[0][0].unique().tolist() == [1]


def test_a_missing_or_empty_domain_is_named(tmp_path):
    with pytest.raises(ValueError, match="split is 'val'; accepted are train, test"):
        load_unpaired(tmp_path, "val")
    with pytest.raises(FileNotFoundError, match=r"no folder .*trainA"):
        load_unpaired(tmp_path)
    (tmp_path / "trainA").mkdir()
    (tmp_path / "trainA" / "x.png").write_bytes(png(3))
    with pytest.raises(FileNotFoundError, match=r"no folder .*trainB"):
        load_unpaired(tmp_path)
    (tmp_path / "trainB").mkdir()
    with pytest.raises(FileNotFoundError, match=r"No image in .*trainB"):
        load_unpaired(tmp_path)


def test_a_failure_while_writing_leaves_nothing(server, tmp_path, monkeypatch):
    make_zip(server.folder / "tiny.zip")
    archive = described(server, "tiny.zip")

    def full(source, copy):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(archives.shutil, "copyfileobj", full)
        # pooch copies too, so put the downloaded file there first
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "tiny.zip").write_bytes((server.folder / "tiny.zip").read_bytes())
        with pytest.raises(OSError, match="No space left"):
            fetch_archive(archive, tmp_path / "data")
    assert left_behind(tmp_path / "data") == []
    assert contents(fetch_archive(archive, tmp_path / "data")) == FILES
