"""The real data sets of the gpu profile, through their real loaders, from small archives here.

tests/data/test_archives.py has what may be inside an archive; here is how it arrives.
"""

import gzip
import shutil
import sys

import pytest
import torch

from ganbook.data import archives
from ganbook.data.archives import fetch_archive, load_unpaired
from ganbook.data.paired import SideBySideImages
from ganbook.data.torchvision_sets import load_torchvision
from tests.loopback import serve
from tests.real_sets import md5, point_at, write_all

NOBODY = "http://127.0.0.1:9"  # a machine without a network: nobody answers there


@pytest.fixture(scope="module")
def archive_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    return folder, write_all(folder)


@pytest.fixture
def server(archive_folder, monkeypatch):
    folder, facts = archive_folder
    with serve(folder) as loopback:
        monkeypatch.delitem(sys.modules, "gdown", raising=False)
        point_at(loopback.url, facts, monkeypatch.setattr)
        loopback.facts = facts
        yield loopback
    sys.modules.pop("gdown", None)


SETS = {  # name: images for training, for testing, channels, a file that is downloaded
    "MNIST": (1200, 400, 1, "MNIST/train-images-idx3-ubyte.gz"),
    "FashionMNIST": (40, 20, 1, "FashionMNIST/train-images-idx3-ubyte.gz"),
    "CIFAR10": (300, 100, 3, "cifar-10-python.tar.gz"),
    "Flowers102": (4, 4, 3, "102flowers.tgz"),
    "CelebA": (150, 50, 3, "img_align_celeba.zip"),
}


@pytest.mark.parametrize("name", SETS)
def test_it_is_downloaded_once_and_read(server, tmp_path, name):
    train, test, channels, file = SETS[name]
    data = load_torchvision(name, tmp_path, 24)
    assert len(data) == train
    for index in (0, train - 1):
        image, _ = data[index]
        assert image.shape == (channels, 24, 24) and image.dtype == torch.float32
        assert -1 <= image.min() < image.max() <= 1
    assert len(load_torchvision(name, tmp_path, 24, "test")) == test
    assert server.downloads(file) == [0]


def test_labels(server, tmp_path):
    assert [load_torchvision("MNIST", tmp_path, 28)[i][1] for i in (0, 9, 10)] == [0, 9, 0]
    assert load_torchvision("CIFAR10", tmp_path, 32)[61][1] == 1  # the second of the second batch
    assert [label for _, label in load_torchvision("Flowers102", tmp_path, 16)] == [0, 1, 2, 3]
    _, attributes = load_torchvision("CelebA", tmp_path, 16)[0]  # image 000002, i = 1
    assert attributes.shape == (40,) and attributes[:6].tolist() == [1, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("name", SETS)
def test_a_broken_download_is_noticed_and_the_next_one_mends_it(server, tmp_path, name):
    file = SETS[name][3]
    server.cut[file] = 200
    with pytest.raises(RuntimeError, match=rf"{name} could not be loaded .* needs no network"):
        load_torchvision(name, tmp_path, 16)
    assert len(load_torchvision(name, tmp_path, 16)) == SETS[name][0]


@pytest.mark.parametrize("name", SETS)
def test_a_damaged_file_at_the_source_is_refused(server, tmp_path, name):
    good = server.folder
    server.folder = tmp_path / "damaged"
    shutil.copytree(good, server.folder)
    path = server.folder / SETS[name][3]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(RuntimeError, match=rf"{name} could not be loaded"):
        load_torchvision(name, tmp_path / "data", 16)


@pytest.mark.parametrize("name", SETS)
def test_without_a_network_one_sentence_names_the_offline_data(server, tmp_path, name, monkeypatch):
    point_at(NOBODY, server.facts, monkeypatch.setattr)
    offline = "digits" if "MNIST" in name else "emoji"
    with pytest.raises(RuntimeError, match=rf"{name} .*ganbook\.data\.{offline} needs no network"):
        load_torchvision(name, tmp_path, 16)


def test_what_was_downloaded_needs_no_network_later(server, tmp_path, monkeypatch):
    for name in SETS:
        load_torchvision(name, tmp_path, 16)
    point_at(NOBODY, server.facts, monkeypatch.setattr)
    for name, (train, *_) in SETS.items():
        assert len(load_torchvision(name, tmp_path, 16)) == train


def test_celeba_without_gdown_says_what_to_install(server, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "gdown", None)
    with pytest.raises(RuntimeError, match=r"CelebA .*pip install gdown.*ganbook\.data\.emoji"):
        load_torchvision("CelebA", tmp_path, 16)


@pytest.mark.parametrize("left", ["half", "nothing", "garbage"])
def test_mnist_killed_while_unpacking(server, tmp_path, left):
    """torchvision looks at the unpacked file's name only: a half one must not stay for ever."""
    load_torchvision("MNIST", tmp_path, 28)
    file = tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte"
    whole = file.read_bytes()
    file.write_bytes({"half": whole[: len(whole) // 2], "nothing": b"", "garbage": b"x" * 99}[left])
    with pytest.raises(RuntimeError, match=r"MNIST could not be loaded .* delete \S*MNIST\. "):
        load_torchvision("MNIST", tmp_path, 28)
    shutil.rmtree(tmp_path / "MNIST")
    assert len(load_torchvision("MNIST", tmp_path, 28)) == 1200


@pytest.mark.parametrize(
    ("name", "folder"), [("CelebA", "celeba/img_align_celeba"), ("Flowers102", "flowers-102/jpg")]
)
def test_photographs_killed_while_unpacking(server, tmp_path, name, folder):
    """torchvision looks whether the folder is there: a half full one must not stay for ever."""
    load_torchvision(name, tmp_path, 16)
    images = sorted((tmp_path / folder).iterdir())
    for image in images[len(images) // 4 :]:
        image.unlink()
    message = rf"{name} could not be loaded .*images are missing\)\. .* delete \S*{folder}\. "
    with pytest.raises(RuntimeError, match=message):
        load_torchvision(name, tmp_path, 16)
    before = server.downloads(SETS[name][3])
    shutil.rmtree(tmp_path / folder)
    assert len(load_torchvision(name, tmp_path, 16)) == SETS[name][0]
    assert server.downloads(SETS[name][3]) == before  # from the archive, which was kept


def test_a_gz_that_is_corrupt_though_its_checksum_fits(server, tmp_path, monkeypatch):
    server.folder = tmp_path / "other"
    (server.folder / "MNIST").mkdir(parents=True)
    content = gzip.compress(bytes(5000))[:-12]
    resources = [(name, md5(content)) for name, _ in server.facts["MNIST"]]
    for name, _ in resources:
        (server.folder / "MNIST" / name).write_bytes(content)
    point_at(server.url, {**server.facts, "MNIST": resources}, monkeypatch.setattr)
    with pytest.raises(RuntimeError, match="MNIST could not be loaded"):
        load_torchvision("MNIST", tmp_path / "data", 28)


def test_horse2zebra(server, tmp_path):
    folder = fetch_archive("horse2zebra", tmp_path)
    for split in ("train", "test"):
        a, b = load_unpaired(folder, split, size=32)
        assert (len(a), len(b)) == (8, 8) and a[0][0].shape == b[7][0].shape == (3, 32, 32)


def test_facades(server, tmp_path):
    folder = fetch_archive("facades", tmp_path)
    pairs = SideBySideImages(folder / "train", 64, input_on="right", augment=True)
    assert len(pairs) == 5 and len(SideBySideImages(folder / "val", 64)) == 5
    labels, photo = pairs[0]
    assert labels.shape == photo.shape == (3, 64, 64) and not torch.equal(labels, photo)


ARCHIVE = "horse2zebra.zip"


def test_a_broken_archive_goes_on_where_it_broke_off(server, tmp_path):
    starts = [0]
    for cut in (20_000, 30_000):
        server.cut[ARCHIVE] = cut
        with pytest.raises(RuntimeError, match=r"What arrived is kept.* ganbook\.data\.horses"):
            fetch_archive("horse2zebra", tmp_path)
        starts.append((tmp_path / f"{ARCHIVE}.part").stat().st_size)
    assert [f.name for f in tmp_path.iterdir()] == [f"{ARCHIVE}.part"]
    folder = fetch_archive("horse2zebra", tmp_path)  # the checksum fits
    assert server.downloads(ARCHIVE) == starts and 0 < starts[1] < starts[2]
    assert [f.name for f in tmp_path.iterdir()] == ["horse2zebra"] == [folder.name]


def test_a_server_that_sends_no_parts_starts_again(server, tmp_path):
    server.ranges, server.cut[ARCHIVE] = False, 1000
    with pytest.raises(RuntimeError, match="could not be downloaded"):
        fetch_archive("horse2zebra", tmp_path)
    assert fetch_archive("horse2zebra", tmp_path).is_dir()


def test_what_was_killed_after_the_last_byte_is_used(server, tmp_path):
    shutil.copy(server.folder / ARCHIVE, tmp_path / f"{ARCHIVE}.part")
    assert fetch_archive("horse2zebra", tmp_path).is_dir()
    assert server.downloads(ARCHIVE) == [(server.folder / ARCHIVE).stat().st_size]


def test_a_wrong_part_is_found_by_the_checksum_and_does_not_stay(server, tmp_path):
    (tmp_path / f"{ARCHIVE}.part").write_bytes(b"of another file")
    with pytest.raises(ValueError, match="another checksum"):
        fetch_archive("horse2zebra", tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert fetch_archive("horse2zebra", tmp_path).is_dir()


def test_no_room_on_the_disk_for_the_download(server, tmp_path, monkeypatch):
    """On /dev/full every write fails as on a full disk."""
    root = tmp_path / "data"
    root.mkdir()
    (root / f"{ARCHIVE}.part").symlink_to("/dev/full")
    with pytest.raises(RuntimeError, match=r"No space left on device.* ganbook\.data\.horses"):
        fetch_archive("horse2zebra", root)
    assert archives.ARCHIVES["horse2zebra"].offline == "ganbook.data.horses"
    assert [f.name for f in root.iterdir()] == [f"{ARCHIVE}.part"]


def test_an_archive_without_a_network(server, tmp_path, monkeypatch):
    point_at(NOBODY, server.facts, monkeypatch.setattr)
    for name, offline in (("horse2zebra", "horses"), ("facades", "brain")):
        with pytest.raises(RuntimeError, match=rf"not be downloaded .*ganbook\.data\.{offline} "):
            fetch_archive(name, tmp_path)
    assert list(tmp_path.iterdir()) == []
