"""Images with labels: one folder a class."""

from pathlib import Path

from torch import Tensor
from torch.utils.data import Dataset

from ganbook.data.folders import image_files, read_image
from ganbook.data.transforms import image_transform


class ImagesInClassFolders(Dataset):
    """Images of ``root/cat/…``, ``root/dog/…`` as ``(3, size, size)`` in [-1, 1], and their label.

    The folders' names in alphabetical order are ``.names``; a label is a name's place there, as in
    torchvision's ``ImageFolder``. Otherwise as :class:`ganbook.data.folders.ImagesFromFolder`.

    Args:
        root: the folder with the classes' folders.
        size: side in pixels; the shorter side is resized, the centre is cut out.
        grayscale: one channel instead of three.

    Raises:
        FileNotFoundError: no such folder, or a class without an image; the message names it.
        ValueError: fewer than two folders in it, or images beside them; (on access) a file cannot
            be read as an image; the message names it.
    """

    def __init__(self, root: str | Path, size: int, grayscale: bool = False):
        root = Path(root)
        everything = image_files(root)
        folders = sorted(f for f in root.iterdir() if f.is_dir() and not f.name.startswith("."))
        if len(folders) < 2:
            raise ValueError(
                f"{root} must have one folder a class, at least 2; it has {len(folders)}."
            )
        loose = [file for file in everything if file.parent == root]
        if loose:
            raise ValueError(f"{loose[0]} lies beside the classes' folders; which is its class?")
        self.names = tuple(folder.name for folder in folders)
        found = [image_files(folder) for folder in folders]
        self.files = [file for files in found for file in files]
        self.labels = [label for label, files in enumerate(found) for _ in files]
        self.transform = image_transform(size, grayscale)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(read_image(self.files[index])), self.labels[index]
