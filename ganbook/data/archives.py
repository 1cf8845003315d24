"""Public archives of images for the gpu profile: downloaded, checked, unpacked."""

import gzip
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from logging import WARNING
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

import pooch

from ganbook.data.folders import ImagesFromFolder
from ganbook.data.resume import resuming


@dataclass(frozen=True)
class Archive:
    """Where an archive is, how to know that it arrived whole, and what to use without a network.

    ``sha256`` is None where nobody has published one; then only ``size``, in bytes, is compared.
    """

    url: str
    size: int
    sha256: str | None
    offline: str


# From the authors' server. Checksums and sizes of the zip files: tensorflow-datasets 4.9.10,
# url_checksums/cycle_gan.txt. For the two tar files no checksum was found anywhere; their sizes are
# those that wget reported to several users, at the old address and at this one.
ZHU = "https://efrosgans.eecs.berkeley.edu/cyclegan/datasets"
ISOLA = "https://efrosgans.eecs.berkeley.edu/pix2pix/datasets"
ARCHIVES = {
    "horse2zebra": Archive(
        url=f"{ZHU}/horse2zebra.zip",
        size=116_867_962,
        sha256="a74d9d392eecca9966b51287a76ca126af473d9de4f3e8fc0e9cda08fa1730a1",
        offline="ganbook.data.horses",
    ),
    "monet2photo": Archive(
        url=f"{ZHU}/monet2photo.zip",
        size=305_231_073,
        sha256="88f91b00fc228f97c9411fbf1880ec1d119c98f1722e4cfcfaa2fb35fac05b04",
        offline="ganbook.data.horses",
    ),
    "facades": Archive(f"{ISOLA}/facades.tar.gz", 30_168_306, None, "ganbook.data.brain"),
    "maps": Archive(f"{ISOLA}/maps.tar.gz", 250_242_400, None, "ganbook.data.brain"),
}

BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error),
    *(EOFError, RuntimeError, NotImplementedError),  # cut short; encrypted; unknown compression
)
Member = tuple[str, zipfile.ZipInfo | tarfile.TarInfo, bool, bool]  # name, itself, folder?, file?


def fetch_archive(archive: str | Archive, root: str | Path, sha256: str | None = None) -> Path:
    """Download and unpack an archive once; return its folder, ``root/name``.

    What is there already is not fetched again. The archive is unpacked beside the folder, which is
    then renamed: the folder is whole or absent. The downloaded file is removed afterwards. A
    download that breaks off leaves ``name.part``, and the next call goes on from there.

    ``horse2zebra`` and ``monet2photo`` (Zhu et al. 2017) hold trainA, trainB, testA and testB, for
    :func:`load_unpaired`; their SHA-256 checksums are those of tensorflow-datasets. ``facades`` and
    ``maps`` (Isola et al. 2017) hold pairs side by side. **No checksum of these two is published**:
    unless ``sha256`` is given, only their size in bytes is compared.

    Args:
        archive: a name of ``ARCHIVES``, or an :class:`Archive` of your own (zip, tar, tar.gz).
        root: folder for the download.
        sha256: expected checksum, 64 hexadecimal digits, instead of the known one.

    Raises:
        ValueError: unknown name; wrong checksum or size; a corrupt archive; or a member that would
            be written outside of the folder or is a link (the message names it).
        RuntimeError: the download failed; the message names the offline data instead.
    """
    if isinstance(archive, str):
        if archive not in ARCHIVES:
            raise ValueError(f"archive is {archive!r}; accepted are {', '.join(ARCHIVES)}.")
        archive = ARCHIVES[archive]
    root = Path(root)
    file_name = PurePosixPath(archive.url).name
    folder = root / file_name.split(".")[0]
    if folder.is_dir():
        return folder
    file = _download(archive, root, file_name, sha256 or archive.sha256)
    try:
        _unpack(file, folder)
    finally:
        file.unlink()
    return folder


def load_unpaired(
    folder: str | Path, split: str = "train", size: int = 256
) -> tuple[ImagesFromFolder, ImagesFromFolder]:
    """Return the images of both domains, ``(3, size, size)`` in [-1, 1], of one split.

    Args:
        folder: has trainA, trainB, testA and testB, as the data sets of Zhu et al. (2017).
        split: ``train`` or ``test``.
        size: side in pixels; the shorter side is resized, the centre is cut out.

    Raises:
        ValueError: unknown split.
        FileNotFoundError: the folder of a domain is missing or has no image; the message names it.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split is {split!r}; accepted are train, test.")
    return tuple(ImagesFromFolder(Path(folder) / f"{split}{domain}", size) for domain in "AB")


def _download(archive: Archive, root: Path, file_name: str, sha256: str | None) -> Path:
    instead = f"{archive.offline} needs no network."
    pooch.get_logger().setLevel(WARNING)  # no addresses and paths in a notebook's output
    part, checksum = root / f"{file_name}.part", sha256 and f"sha256:{sha256}"
    try:
        found = pooch.retrieve(archive.url, checksum, file_name, root, downloader=resuming(part))
    except OSError as error:  # requests' errors are OSErrors too
        kept = "What arrived is kept; the next try goes on from there. " if part.exists() else ""
        raise RuntimeError(
            f"{archive.url} could not be downloaded ({error}). {kept}{instead}"
        ) from error
    except ValueError as error:
        raise ValueError(
            f"{archive.url} has another checksum than expected: {error} {instead}"
        ) from error
    file = Path(found)
    if sha256 is None and (size := file.stat().st_size) != archive.size:
        file.unlink()
        raise ValueError(f"{archive.url} has {size} bytes, expected {archive.size}. {instead}")
    return file


def _unpack(file: Path, folder: Path) -> None:
    """Unpack ``file`` as ``folder``, or leave nothing behind."""
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    content = beside / "content"
    content.mkdir()
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as opened:
                _write(_zip_members(opened), opened.open, content)
        else:
            with tarfile.open(file) as opened:
                _write(_tar_members(opened), opened.extractfile, content)
                while opened.fileobj.read(1 << 20):  # gzip compares its checksum at the very end
                    pass
        inside = list(content.iterdir())
        # Most archives hold a single folder with all the rest: that is the one wanted.
        alone = len(inside) == 1 and inside[0].is_dir()
        (inside[0] if alone else content).rename(folder)
    except BROKEN as error:
        raise ValueError(f"{file.name} is not a whole zip or tar archive: {error}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _zip_members(opened: zipfile.ZipFile) -> Iterator[Member]:
    for member in opened.infolist():
        link = stat.S_ISLNK(member.external_attr >> 16)
        yield member.filename, member, member.is_dir(), not member.is_dir() and not link


def _tar_members(opened: tarfile.TarFile) -> Iterator[Member]:
    for member in opened.getmembers():
        yield member.name, member, member.isdir(), member.isfile()


def _write(members: Iterator[Member], open_member: Callable[..., IO[bytes]], folder: Path) -> None:
    members = list(members)
    for name, _, is_folder, is_file in members:  # all are looked at before one is written
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or PureWindowsPath(name).drive or ".." in path.parts:
            raise ValueError(f"The archive's member {name!r} would be written outside its folder.")
        if not (is_folder or is_file):
            raise ValueError(f"The archive's member {name!r} is a link or device, not a file.")
    for name, member, is_folder, _ in members:
        target = folder / name
        (target if is_folder else target.parent).mkdir(parents=True, exist_ok=True)
        if not is_folder:
            with open_member(member) as source, open(target, "wb") as copy:
                shutil.copyfileobj(source, copy)
