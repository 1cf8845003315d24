"""A few photographs that scikit-image and scikit-learn ship, each with its own credit there."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganbook.data.transforms import image_transform, to_model_range

PHOTOS = {  # file names in skimage/data and sklearn/datasets/images
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "flower": "flower.jpg",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "motorcycle": "motorcycle_left.png",
    "photographer": "camera.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "stars": "hubble_deep_field.jpg",
    "temple": "china.jpg",
    "tissue": "ihc.png",
}
FROM_SKLEARN = ("flower", "temple")


def load_photo(name: str, size: int | None = None) -> Tensor:
    """Return a photo ``(3, H, W)`` float32 in [-1, 1], or its ``size`` x ``size`` centre.

    Raises:
        ModuleNotFoundError: scikit-image, or scikit-learn for two of them, is missing.
        ValueError: the name is not one of ``PHOTOS``.
    """
    if name not in PHOTOS:
        raise ValueError(f"photo is {name!r}; accepted are {', '.join(PHOTOS)}.")
    package, name_of, folder = "skimage", "scikit-image", "data"
    if name in FROM_SKLEARN:
        package, name_of, folder = "sklearn", "scikit-learn", "datasets/images"
    found = find_spec(package)
    if found is None:
        raise ModuleNotFoundError(
            f"Photo {name} needs {name_of}. Run: pip install 'ganbook[samples]'"
        )
    photo = Image.open(Path(found.origin).parent / folder / PHOTOS[name]).convert("RGB")
    if size is not None:
        return image_transform(size)(photo)
    return to_model_range(torch.from_numpy(np.array(photo)).permute(2, 0, 1))
