"""The field's data sets in small: the same files in the same layout, served on this machine.

``write_all(folder)`` makes the archives; ``point_at(url, facts)`` tells torchvision and ganbook to
fetch them from there, with their own checksums. The loaders themselves stay as they are.
"""

import csv
import gzip
import hashlib
import io
import json
import pickle
import struct
import sys
import tarfile
import types
import urllib.request
import zipfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ganbook.data.digits import load_digits
from ganbook.data.transforms import to_uint8

CIFAR_FOLDER = "cifar-10-batches-py"


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def picture(rng, height: int, width: int, kind: str = "jpeg") -> bytes:
    """A soft coloured picture, another one each time."""
    small = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC).save(file, kind)
    return file.getvalue()


def digits(split: str, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Real digits (n, 28, 28) and labels, of all classes in turn."""
    images, labels = load_digits(split, size=28).tensors
    order = torch.stack([(labels == label).nonzero()[: n // 10, 0] for label in range(10)], dim=1)
    images, labels = images[order.flatten()], labels[order.flatten()]
    return to_uint8(images[:, 0]).numpy(), labels.numpy()


def idx(array: np.ndarray) -> bytes:
    """MNIST's own format: magic number, sizes, bytes."""
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(np.uint8).tobytes()


def write_mnist(folder: Path, train: int, test: int) -> list:
    """The four idx files; returns torchvision's ``resources``."""
    resources = []
    for part, split, n in (("train", "train", train), ("t10k", "test", test)):
        images, labels = digits(split, n)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            name = f"{part}-{kind}-ubyte.gz"
            content = gzip.compress(idx(array), mtime=0)
            (folder / name).write_bytes(content)
            resources.append((name, md5(content)))
    return resources


def tar_gz(path: Path, files: dict[str, bytes]) -> bytes:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path.read_bytes()


def zipped(path: Path, files: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path.read_bytes()


def write_cifar10(folder: Path, train: int, test: int) -> dict:
    """Five pickled batches, a test batch and the names, in one tar.gz."""
    rng = np.random.default_rng(1)

    def batch(n):
        data = rng.integers(0, 256, (n, 3 * 32 * 32), dtype=np.uint8)
        return pickle.dumps({"data": data, "labels": [i % 10 for i in range(n)]})

    files = {f"data_batch_{i}": batch(train // 5) for i in range(1, 6)}
    files |= {"test_batch": batch(test)}
    files |= {"batches.meta": pickle.dumps({"label_names": list("abcdefghij")})}
    archive = tar_gz(
        folder / "cifar-10-python.tar.gz", {f"{CIFAR_FOLDER}/{k}": v for k, v in files.items()}
    )
    sums = {name: md5(content) for name, content in files.items()}
    return {"tgz": md5(archive), "files": sums}


def write_flowers(folder: Path, each: int) -> dict:
    """Photographs of several sizes in a tgz, labels and splits as MATLAB files."""
    from scipy.io import savemat

    rng, n = np.random.default_rng(2), 3 * each
    sizes = [(60, 80), (80, 60), (64, 64)]
    files = {f"jpg/image_{i:05d}.jpg": picture(rng, *sizes[i % 3]) for i in range(1, n + 1)}
    sums = {"image": ("102flowers.tgz", md5(tar_gz(folder / "102flowers.tgz", files)))}
    ids = np.arange(1, n + 1).reshape(3, each)
    for key, name, content in (
        ("label", "imagelabels.mat", {"labels": np.arange(n) % 102 + 1}),
        ("setid", "setid.mat", {"trnid": ids[0], "valid": ids[1], "tstid": ids[2]}),
    ):
        savemat(folder / name, content)
        sums[key] = (name, md5((folder / name).read_bytes()))
    return sums


def write_celeba(folder: Path, n: int) -> list:
    """Aligned faces (178 x 218) in a zip and five text files; three of four are for training."""
    rng = np.random.default_rng(3)
    names = [f"{i:06d}.jpg" for i in range(1, n + 1)]
    faces = {f"img_align_celeba/{name}": picture(rng, 218, 178) for name in names}
    contents = {"img_align_celeba.zip": zipped(folder / "img_align_celeba.zip", faces)}
    columns = {
        "list_attr_celeba.txt": (
            [f"attribute_{i}" for i in range(40)],
            lambda i: [1 if (i >> (k % 5)) & 1 else -1 for k in range(40)],
        ),
        "identity_CelebA.txt": (None, lambda i: [i + 1]),
        "list_bbox_celeba.txt": (["image_id", "x_1", "y_1", "width", "height"], lambda i: [1] * 4),
        "list_landmarks_align_celeba.txt": (
            [f"point_{k}" for k in range(10)],
            lambda i: [50 + k for k in range(10)],
        ),
        "list_eval_partition.txt": (None, lambda i: [0 if i % 4 else 2]),
    }
    for file_name, (header, values) in columns.items():
        text = io.StringIO()
        rows = csv.writer(text, delimiter=" ", lineterminator="\n")
        if header:
            text.write(f"{n}\n")
            rows.writerow(header)
        rows.writerows([name, *values(i)] for i, name in enumerate(names))
        contents[file_name] = text.getvalue().encode()
        (folder / file_name).write_bytes(contents[file_name])
    return [(name, md5(content), name) for name, content in contents.items()]


def write_horse2zebra(folder: Path, n: int) -> dict:
    """trainA, trainB, testA and testB; JPEG pictures of 256 x 256, as published."""
    rng = np.random.default_rng(4)
    files = {
        f"horse2zebra/{part}{domain}/{i}.jpg": picture(rng, 256, 256)
        for part in ("train", "test")
        for domain in "AB"
        for i in range(n)
    }
    return described(zipped(folder / "horse2zebra.zip", files), sha256=True)


def write_facades(folder: Path, n: int) -> dict:
    """Photo on the left, labels on the right; train, val and test."""
    rng = np.random.default_rng(5)
    files = {
        f"facades/{part}/{i}.jpg": picture(rng, 256, 512)
        for part in ("train", "val", "test")
        for i in range(1, n + 1)
    }
    return described(tar_gz(folder / "facades.tar.gz", files), sha256=False)


def described(content: bytes, sha256: bool) -> dict:
    return {
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest() if sha256 else None,
    }


def write_all(folder: Path) -> dict:
    """Write every archive; return what ``point_at`` must know, also as ``facts.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("MNIST", "FashionMNIST"):
        (folder / name).mkdir(exist_ok=True)
    facts = {
        "MNIST": write_mnist(folder / "MNIST", 1200, 400),
        "FashionMNIST": write_mnist(folder / "FashionMNIST", 40, 20),
        "CIFAR10": write_cifar10(folder, 300, 100),
        "Flowers102": write_flowers(folder, 4),
        "CelebA": write_celeba(folder, 200),
        "horse2zebra": write_horse2zebra(folder, 8),
        "facades": write_facades(folder, 5),
    }
    (folder / "facts.json").write_text(json.dumps(facts))
    return facts


def point_at(url: str, facts: dict | None = None, put=setattr) -> None:
    """Let torchvision's classes and ganbook's archives fetch from ``url``.

    ``put`` sets attributes: a test gives ``monkeypatch.setattr``. Without ``facts`` they are
    fetched too, as a notebook's kernel does.
    """
    from dataclasses import replace

    from torchvision import datasets

    from ganbook.data import archives

    if facts is None:
        facts = json.loads(urllib.request.urlopen(f"{url}/facts.json").read())
    for name in ("MNIST", "FashionMNIST"):
        kind = getattr(datasets, name)
        put(kind, "mirrors", [f"{url}/{name}/"])
        put(kind, "resources", [tuple(pair) for pair in facts[name]])
    cifar, sums = datasets.CIFAR10, facts["CIFAR10"]["files"]
    put(cifar, "url", f"{url}/cifar-10-python.tar.gz")
    put(cifar, "tgz_md5", facts["CIFAR10"]["tgz"])
    put(cifar, "train_list", [[k, v] for k, v in sums.items() if k.startswith("data_batch")])
    put(cifar, "test_list", [["test_batch", sums["test_batch"]]])
    put(cifar, "meta", {**cifar.meta, "md5": sums["batches.meta"]})
    put(datasets.Flowers102, "_download_url_prefix", f"{url}/")
    put(datasets.Flowers102, "_file_dict", {k: tuple(v) for k, v in facts["Flowers102"].items()})
    put(datasets.CelebA, "file_list", [tuple(entry) for entry in facts["CelebA"]])
    sys.modules["gdown"] = fake_gdown(url)  # it is not installed here; nothing else asks for it
    kinds = {"horse2zebra": "zip", "facades": "tar.gz"}
    known = {
        name: replace(archives.ARCHIVES[name], url=f"{url}/{name}.{kind}", **facts[name])
        for name, kind in kinds.items()
    }
    put(archives, "ARCHIVES", {**archives.ARCHIVES, **known})


def fake_gdown(url: str) -> types.ModuleType:
    """CelebA lies on Google Drive, which torchvision asks through the package gdown."""
    module = types.ModuleType("gdown")

    def download(id, output, **options):
        urllib.request.urlretrieve(f"{url}/{id}", output)

    module.download = download
    return module
