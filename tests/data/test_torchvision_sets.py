"""ganbook.data.torchvision_sets: the real loaders, on tiny files of the real formats."""

import hashlib
import pickle
import struct

import numpy as np
import pytest
import torch
from torchvision import datasets

from ganbook.data.torchvision_sets import load_torchvision


def write_idx(path, array):
    """Write MNIST's own format: magic number, sizes, bytes."""
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(head + array.astype(np.uint8).tobytes())


@pytest.fixture
def mnist(tmp_path):
    for name in ("MNIST", "FashionMNIST"):
        raw = tmp_path / name / "raw"
        raw.mkdir(parents=True)
        for part, n in (("train", 6), ("t10k", 3)):
            pixels = np.zeros((n, 28, 28))
            pixels[:, 14:] = 255  # the lower half is white
            write_idx(raw / f"{part}-images-idx3-ubyte", pixels)
            write_idx(raw / f"{part}-labels-idx1-ubyte", np.arange(n))
    return tmp_path


@pytest.mark.parametrize("name", ["MNIST", "FashionMNIST"])
@pytest.mark.parametrize(("split", "n"), [("train", 6), ("test", 3)])
def test_mnist(mnist, name, split, n):
    data = load_torchvision(name, mnist, 32, split, download=False)
    assert len(data) == n
    image, label = data[2]
    assert label == 2
    assert image.shape == (1, 32, 32) and image.dtype == torch.float32
    assert (image[:, :14] == -1).all() and (image[:, 18:] == 1).all()


@pytest.fixture
def cifar(tmp_path, monkeypatch):
    """Write batches of three images, and tell torchvision their checksums."""
    folder = tmp_path / datasets.CIFAR10.base_folder
    folder.mkdir()

    def write(name, content):
        (folder / name).write_bytes(pickle.dumps(content))
        return name, hashlib.md5((folder / name).read_bytes()).hexdigest()

    pixels = np.zeros((3, 3, 32, 32), np.uint8)
    pixels[:, 0] = 255  # red
    batch = {"data": pixels.reshape(3, -1), "labels": [7, 8, 9]}
    train = [write(f"data_batch_{i}", batch) for i in range(1, 6)]
    meta, checksum = write("batches.meta", {"label_names": list("abcdefghij")})
    monkeypatch.setattr(datasets.CIFAR10, "train_list", train)
    monkeypatch.setattr(datasets.CIFAR10, "test_list", [write("test_batch", batch)])
    monkeypatch.setattr(
        datasets.CIFAR10,
        "meta",
        {"filename": meta, "key": "label_names", "md5": checksum},
    )
    return tmp_path


@pytest.mark.parametrize(("split", "n"), [("train", 15), ("test", 3)])
def test_cifar10(cifar, split, n):
    data = load_torchvision("CIFAR10", cifar, 16, split, download=False)
    assert len(data) == n
    image, label = data[1]
    assert label == 8
    expected = torch.tensor([1.0, -1.0, -1.0])[:, None, None].expand(3, 16, 16)
    torch.testing.assert_close(image, expected)


def test_a_damaged_file_is_noticed(cifar):
    with open(cifar / datasets.CIFAR10.base_folder / "test_batch", "ab") as file:
        file.write(b"damage")
    with pytest.raises(RuntimeError, match="CIFAR10 could not be loaded"):
        load_torchvision("CIFAR10", cifar, 16, "test", download=False)


@pytest.mark.parametrize(
    ("name", "offline"),
    [
        ("MNIST", "ganbook.data.digits"),
        ("FashionMNIST", "ganbook.data.digits"),
        ("CIFAR10", "ganbook.data.emoji"),
        ("CelebA", "ganbook.data.emoji"),
        ("Flowers102", "ganbook.data.emoji"),
    ],
)
def test_missing_files_name_the_offline_data(tmp_path, name, offline):
    message = rf"{name} could not be loaded from .*{offline} needs no network"
    with pytest.raises(RuntimeError, match=message):
        load_torchvision(name, tmp_path, 32, download=False)


def test_unknown_names_and_splits_are_refused(tmp_path):
    accepted = "accepted are MNIST, FashionMNIST, CIFAR10, CelebA, Flowers102"
    with pytest.raises(ValueError, match=f"data set is 'ImageNet'; {accepted}"):
        load_torchvision("ImageNet", tmp_path, 32)
    with pytest.raises(ValueError, match="split is 'valid'; accepted are train, test"):
        load_torchvision("MNIST", tmp_path, 32, "valid")
