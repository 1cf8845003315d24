"""ganbook.data.class_folders: labels from folders, and folders that give none."""

import pytest
import torch
from PIL import Image

from ganbook.data.class_folders import ImagesInClassFolders


def picture(path, colour="red", size=(12, 8)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


@pytest.fixture
def root(tmp_path):
    picture(tmp_path / "dog" / "1.png", "black")
    picture(tmp_path / "cat" / "1.png", "white")
    picture(tmp_path / "cat" / "young" / "2.png", "white")
    (tmp_path / ".cache").mkdir()
    return tmp_path


def test_labels_are_the_folders_in_alphabetical_order(root):
    dataset = ImagesInClassFolders(root, 8)
    assert dataset.names == ("cat", "dog")
    assert dataset.labels == [0, 0, 1] and len(dataset) == len(dataset.files) == 3
    for index, (colour, label) in enumerate([(1.0, 0), (1.0, 0), (-1.0, 1)]):
        image, given = dataset[index]
        assert given == label
        torch.testing.assert_close(image, torch.full((3, 8, 8), colour))
    assert ImagesInClassFolders(root, 8, grayscale=True)[0][0].shape == (1, 8, 8)


def test_folders_without_classes_are_refused(root, tmp_path):
    with pytest.raises(ValueError, match=r"one folder a class, at least 2; it has 1\."):
        ImagesInClassFolders(root / "cat", 8)
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        ImagesInClassFolders(root / "nowhere", 8)
    picture(root / "loose.png")
    with pytest.raises(ValueError, match=r"loose\.png lies beside the classes' folders"):
        ImagesInClassFolders(root, 8)
    (root / "loose.png").unlink()
    (root / "bird").mkdir()
    with pytest.raises(FileNotFoundError, match=r"No image in .*bird"):
        ImagesInClassFolders(root, 8)


def test_a_broken_file_is_named(root):
    (root / "cat" / "1.png").write_text("no image")
    with pytest.raises(ValueError, match=r"1\.png cannot be read"):
        ImagesInClassFolders(root, 8)[0]
