"""Slices of a brain, pixel by pixel with the tissue they show: pairs for image labelling.

The brain is nobody's: it is the ICBM 2009a template of the Montreal Neurological Institute, the
average of the T1-weighted MRI of 152 young adults, each warped to the shape common to all. Its
right half is the exact mirror image of the left (the symmetric variant, as the file names say and
nilearn's page does not). So it is cleaner than a scan of one person, there is one brain only, and
a score on it says nothing about patients.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate
from torch.utils.data import TensorDataset

SPLITS = ("train", "test")
TISSUES = ("background", "fluid and other", "grey matter", "white matter")
TISSUE_COLORS = ("#222222", "#56B4E9", "#E69F00", "#F0E442")  # dark, sky, orange, yellow

# Slices by their number from the bottom of the volume, 1 mm each; 72 is the plane z = 0 of MNI.
SLICES = range(18, 146)  # those in which the brain covers at least a tenth of the picture
TEST = range(84, 104)  # from the thalamus to the top of the ventricles: z = 12 to 31 mm
GAP = 3  # slices used by neither split, above and below the test slab
SIDE = 192  # mm that a picture covers, around the middle of the brain
CORNER = (2, 21)  # of the picture in the volume: voxels left, and behind


def load_brain(split: str = "train", size: int = 64) -> TensorDataset:
    """Return MRI slices ``(N, 1, size, size)`` and labels ``(N, size, size)``, pixel by pixel.

    MRI is float32 in [-1, 1], -1 black; labels are int64, the index of ``TISSUES``: 0 background,
    1 cerebrospinal fluid and other, 2 grey matter, 3 white matter. Slices are axial (horizontal),
    from below to above, the forehead at the top; a picture covers 192 x 192 mm.

    There are 102 slices to train and 20 to test. The test slices are one contiguous slab, and the
    three slices above and below it are in neither split. Slices lie 1 mm apart and neighbours are
    nearly equal: with every tenth slice as a test, each would have two near copies in training.

    A label is the most probable tissue: the maps give grey and white matter, what remains to 1 is
    "fluid and other" inside the skull-stripped brain and background outside it. So label 1 is the
    fluid between and inside the brain as far as the mask keeps it, and whatever else is there.
    The maps are resized (with smoothing) before the most probable tissue is chosen.

    Args:
        split: ``train`` or ``test``.
        size: side in pixels, 1 to 192; 192 shows each voxel as it is.

    Raises:
        ValueError: another split or size.
        ModuleNotFoundError: the package nilearn is missing.

    Source: Fonov, Evans, Botteron, Almli, McKinstry & Collins (2011), Unbiased average
    age-appropriate atlases for pediatric studies; Fonov, Evans, McKinstry, Almli & Collins (2009).
    Copyright 1993-2004 Louis Collins, McConnell Brain Imaging Centre, Montreal Neurological
    Institute, McGill University; may be used, copied, changed and passed on with that notice.
    """
    maps = load_maps(split, size)
    mri, probabilities = maps[:, :1], maps[:, 1:]
    return TensorDataset((2 * mri - 1).clamp(-1, 1), probabilities.argmax(dim=1))


def load_maps(split: str = "train", size: int = 64) -> Tensor:
    """Return what labels are made of, ``(N, 5, size, size)`` in [0, 1]: MRI, then each tissue.

    The tissues are probabilities in the order of ``TISSUES``; slices as in :func:`load_brain`.

    Raises:
        ValueError, ModuleNotFoundError: as :func:`load_brain`.
    """
    chosen = slice_numbers(split)
    if not 1 <= size <= SIDE:
        raise ValueError(f"size must lie between 1 and {SIDE}, got {size}.")
    maps = _read()[chosen].float() / 255
    return interpolate(maps, size=(size, size), mode="bilinear", antialias=True)


def slice_numbers(split: str = "train") -> list[int]:
    """Return each slice's number in the volume (1 mm apart; 72 is z = 0), as in the data set."""
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}; accepted are {', '.join(SPLITS)}.")
    if split == "test":
        return list(TEST)
    return [z for z in SLICES if z < TEST.start - GAP or z >= TEST.stop + GAP]


def one_hot(labels: Tensor) -> Tensor:
    """Return labels ``(N, H, W)`` int64 as images ``(N, 4, H, W)``: +1 at the tissue, -1 elsewhere.

    Raises:
        ValueError: another shape or dtype, or labels other than 0 to 3.
    """
    if labels.ndim != 3 or labels.dtype != torch.int64:
        raise ValueError(
            f"labels must be (N, H, W) int64, got {tuple(labels.shape)} {labels.dtype}."
        )
    if ((labels < 0) | (labels >= len(TISSUES))).any():
        raise ValueError(
            f"labels must lie in 0..{len(TISSUES) - 1}, got {labels.min()} to {labels.max()}."
        )
    return 2 * torch.nn.functional.one_hot(labels, len(TISSUES)).movedim(-1, 1).float() - 1


def color_labels(labels: Tensor) -> Tensor:
    """Return labels ``(N, H, W)`` as pictures ``(N, 3, H, W)`` in [-1, 1], in ``TISSUE_COLORS``."""
    one_hot(labels)  # checks
    colors = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in TISSUE_COLORS]
    return (torch.tensor(colors)[labels].movedim(-1, 1).float() / 127.5) - 1


@cache
def _read() -> Tensor:
    """Return uint8 ``(189, 5, 192, 192)``: MRI, then 255 times each tissue's probability."""
    package = find_spec("nilearn")
    if package is None:
        raise ModuleNotFoundError("Brain slices need nilearn. Run: pip install 'ganbook[samples]'")
    import nibabel  # comes with nilearn, whose own loaders take seconds to import

    folder = Path(package.origin).parent / "datasets" / "data"
    left, behind = CORNER
    volumes = []
    for kind in ("t1", "gm", "wm"):
        file = folder / f"mni_icbm152_{kind}_tal_nlin_sym_09a_converted.nii.gz"
        voxels = np.asarray(nibabel.load(file).dataobj)  # uint8 (x to the right, y ahead, z up)
        voxels = voxels[left : left + SIDE, behind : behind + SIDE]
        volumes.append(torch.from_numpy(voxels).permute(2, 1, 0).flip(1))
    t1, grey, white = volumes
    brain = t1 > 0  # the template is skull-stripped: exactly 0 outside the brain
    other = torch.where(brain, 255 - grey - white, 0)
    background = torch.where(brain, 0, 255 - grey - white)
    return torch.stack([t1, background, other, grey, white], dim=1)
