"""ganbook.data.brain: slices and tissues of the MNI template, and a split without near copies."""

import importlib.util

import pytest
import torch

from ganbook.data import brain
from ganbook.data.brain import (
    TISSUE_COLORS,
    TISSUES,
    color_labels,
    load_brain,
    one_hot,
    slice_numbers,
)
from ganbook.data.transforms import to_uint8


@pytest.fixture(scope="module")
def voxels():
    """Training slices as they are, 1 mm a pixel."""
    return load_brain("train", 192).tensors


@pytest.mark.parametrize(("split", "n"), [("train", 102), ("test", 20)])
@pytest.mark.parametrize("size", [64, 128, 192])
def test_counts_shapes_and_range(split, n, size):
    mri, labels = load_brain(split, size).tensors
    assert mri.shape == (n, 1, size, size) and mri.dtype == torch.float32
    assert labels.shape == (n, size, size) and labels.dtype == torch.int64
    assert mri.min() == -1 and 0.8 < mri.max() <= 1
    assert labels.unique().tolist() == [0, 1, 2, 3]
    # A slice has a brain in it, and the picture has a margin around the brain.
    share = (labels > 0).float().mean(dim=(1, 2))
    assert share.min() > 0.09 and share.max() < 0.6
    assert (mri[..., 0] == -1).all() and (labels[:, :, -1] == 0).all()


def test_the_test_slices_are_a_slab_with_a_gap_around_it():
    train, test = slice_numbers("train"), slice_numbers("test")
    assert test == list(range(84, 104))
    assert train == [*range(18, 81), *range(107, 146)]
    assert min(abs(a - b) for a in train for b in test) == 4


def test_every_tenth_slice_would_leak():
    """A neighbour is several times nearer than the nearest training slice is to the slab."""
    train, test = (load_brain(split).tensors[0] for split in ("train", "test"))
    neighbours = (test[1:] - test[:-1]).abs().mean()
    across = [(train - image).abs().mean(dim=(1, 2, 3)).min() for image in test]
    assert torch.stack(across).mean() > 3 * neighbours


def test_pixels_are_the_voxels_of_nilearns_loaders(voxels):
    from nilearn.datasets import (
        load_mni152_gm_template,
        load_mni152_template,
        load_mni152_wm_template,
    )

    t1, grey, white = (
        torch.from_numpy(load(resolution=1).get_fdata(dtype="float32"))
        for load in (load_mni152_template, load_mni152_gm_template, load_mni152_wm_template)
    )
    mri, labels = voxels
    for position, z in list(enumerate(slice_numbers("train")))[::25]:
        for row, column in ((60, 90), (100, 60), (120, 97), (95, 130), (3, 3)):
            voxel = (column + 2, 212 - row, z)  # the forehead is at the top
            assert mri[position, 0, row, column] == pytest.approx(2 * t1[voxel].item() - 1)
            inside = t1[voxel] > 0
            other = 1 - grey[voxel] - white[voxel]
            likely = [0 if inside else other, other if inside else 0, grey[voxel], white[voxel]]
            best = max(float(p) for p in likely)
            assert float(likely[labels[position, row, column]]) == pytest.approx(best, abs=1e-6)


def test_background_is_black_and_tissues_follow_brightness(voxels):
    mri, labels = voxels
    values = mri[:, 0]
    assert (values[labels == 0] == -1).all() and (values[labels > 0] > -1).all()
    fluid, grey, white = (values[labels == k].mean().item() for k in (1, 2, 3))
    assert -0.4 < fluid < 0 < 0.2 < grey < 0.4 < 0.6 < white < 0.8


def test_left_and_right_are_mirror_images(voxels):
    mri, labels = voxels  # 192 columns around 197: the axis is column 96
    assert torch.equal(mri[..., 1:], mri[..., 1:].flip(-1))
    assert (labels[..., 1:] == labels[..., 1:].flip(-1)).all()


def test_top_and_bottom_of_the_head():
    mri = load_brain("train").tensors[0]
    # The lowest slices show the cerebellum, which lies behind: in the lower half of the picture.
    assert (mri[0, 0, 36:] > -0.9).sum() > 20 * (mri[0, 0, :28] > -0.9).sum()


def test_a_callers_changes_do_not_reach_the_next_caller():
    for size in (64, 192):
        first = load_brain("test", size).tensors
        kept = [t.clone() for t in first]
        first[0].zero_(), first[1].zero_()
        for again, expected in zip(load_brain("test", size).tensors, kept):
            assert torch.equal(again, expected)


def test_one_hot():
    labels = torch.tensor([[[0, 1], [2, 3]]])
    images = one_hot(labels)
    assert images.shape == (1, 4, 2, 2) and images.dtype == torch.float32
    assert images[0].flatten(1).tolist() == (2 * torch.eye(4) - 1).tolist()
    real = load_brain("test").tensors[1]
    assert torch.equal(one_hot(real).argmax(dim=1), real)
    assert (one_hot(real).sum(dim=1) == -2).all()


def test_colors():
    assert len(TISSUES) == len(TISSUE_COLORS) == 4
    picture = color_labels(torch.tensor([[[0, 1], [2, 3]]]))
    assert picture.shape == (1, 3, 2, 2)
    hexes = ["#" + bytes(c.tolist()).hex().upper() for c in to_uint8(picture)[0].flatten(1).T]
    assert hexes == [c.upper() for c in TISSUE_COLORS]


@pytest.mark.parametrize("function", [one_hot, color_labels])
def test_bad_labels(function):
    with pytest.raises(ValueError, match=r"labels must lie in 0\.\.3, got 0 to 4"):
        function(torch.tensor([[[0, 4]]]))
    with pytest.raises(ValueError, match=r"labels must lie in 0\.\.3, got -1 to 2"):
        function(torch.tensor([[[-1, 2]]]))
    with pytest.raises(ValueError, match=r"labels must be \(N, H, W\) int64, got \(2, 2\)"):
        function(torch.zeros(2, 2, dtype=torch.int64))
    with pytest.raises(ValueError, match=r"int64, got \(1, 2, 2\) torch\.float32"):
        function(torch.zeros(1, 2, 2))


def test_other_splits_and_sizes_are_refused():
    with pytest.raises(ValueError, match="split is 'all'; accepted are train, test"):
        load_brain("all")
    with pytest.raises(ValueError, match="split is 'valid'"):
        slice_numbers("valid")
    for size in (0, 256):
        with pytest.raises(ValueError, match=f"size must lie between 1 and 192, got {size}"):
            load_brain(size=size)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(brain, "find_spec", lambda name: None)
    brain._read.cache_clear()
    with pytest.raises(ModuleNotFoundError, match=r"nilearn.*pip install 'ganbook\[samples\]'"):
        load_brain()
    assert importlib.util.find_spec("nilearn")


def test_maps_are_what_labels_are_made_of():
    maps = brain.load_maps("test", 64)
    assert maps.shape == (20, 5, 64, 64) and maps.min() >= 0 and maps.max() <= 1 + 1e-5
    torch.testing.assert_close(maps[:, 1:].sum(dim=1), torch.ones(20, 64, 64), atol=0.01, rtol=0)
    mri, labels = load_brain("test", 64).tensors
    assert torch.equal(maps[:, 1:].argmax(dim=1), labels)
    torch.testing.assert_close((2 * maps[:, :1] - 1).clamp(-1, 1), mri)
    with pytest.raises(ValueError, match="accepted are train, test"):
        brain.load_maps("a")
