"""A few photographs that scikit-image ships, each with its own credit there."""

from importlib.util import find_spec
from pathlib import Path

from PIL import Image
from torch import Tensor
from torchvision.transforms.functional import pil_to_tensor

from ganbook.data.transforms import image_transform, to_model_range

PHOTOS = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "stars": "hubble_deep_field.jpg",
    "tissue": "ihc.png",
}


def load_photo(name: str, size: int | None = None) -> Tensor:
    """Return a photo ``(3, H, W)`` float32 in [-1, 1], or its ``size`` x ``size`` centre.

    Raises:
        ModuleNotFoundError: scikit-image is missing.
        ValueError: the name is not one of ``PHOTOS``.
    """
    if name not in PHOTOS:
        raise ValueError(f"photo is {name!r}; accepted are {', '.join(PHOTOS)}.")
    package = find_spec("skimage")
    if package is None:
        raise ModuleNotFoundError("Photos need scikit-image. Run: pip install 'ganbook[samples]'")
    photo = Image.open(Path(package.origin).parent / "data" / PHOTOS[name]).convert("RGB")
    if size is not None:
        return image_transform(size)(photo)
    return to_model_range(pil_to_tensor(photo))
