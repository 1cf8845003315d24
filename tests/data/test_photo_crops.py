"""ganbook.data.photo_crops: crops by hand, what the seed decides, refusals."""

import pytest
import torch

from ganbook.data import photo_crops
from ganbook.data.photo_crops import TRAINING_PHOTOS, PhotoCrops
from ganbook.data.photos import PHOTOS
from ganbook.data.stream import BatchStream

# Red tells the row and green the column, so that a crop says where it is from.
ROWS, COLUMNS = torch.meshgrid(torch.arange(40.0), torch.arange(60.0), indexing="ij")
RAMP = torch.stack([ROWS / 30 - 1, COLUMNS / 30 - 1, torch.full_like(ROWS, -1)])


def test_crops_of_the_photos_own_size_are_pieces_of_it():
    square = RAMP[:, :16, :16]
    crops = PhotoCrops(20, 16, photos=[square], recolour=False)
    flipped = [torch.equal(crop, square.flip(2)) for crop in crops_of(crops)]
    kept = [torch.equal(crop, square) for crop in crops_of(crops)]
    assert all(a != b for a, b in zip(flipped, kept))
    assert 4 <= sum(flipped) <= 16


def crops_of(crops):
    return [crops[i] for i in range(len(crops))]


def test_scales_and_places():
    crops = torch.stack(crops_of(PhotoCrops(400, 10, photos=[RAMP], recolour=False)))
    assert crops.shape == (400, 3, 10, 10) and crops.abs().max() <= 1
    # Antialiased shrinking keeps a ramp a ramp: its slope is the crop's side over 10 pixels.
    rows = crops[:, 0, :, 5] * 30 + 30
    factor = (rows[:, 7] - rows[:, 2]) / 5
    assert factor.min() == pytest.approx(1, abs=0.05) and factor.max() == pytest.approx(4, abs=0.1)
    assert factor.log().mean().item() == pytest.approx(torch.tensor(4.0).log().item() / 2, abs=0.1)
    assert rows[:, 0].min() < 2 and rows[:, -1].max() > 38  # the whole height is used
    columns = crops[:, 1] * 30 + 30
    assert columns.min() < 2 and columns.max() > 58
    mirrored = (columns[:, 5, 7] < columns[:, 5, 2]).float().mean()
    assert mirrored.item() == pytest.approx(0.5, abs=0.1)


def test_recolouring_exchanges_channels_in_half_of_them():
    plain, colourful = (
        crops_of(PhotoCrops(200, 8, photos=[RAMP], recolour=recolour)) for recolour in (False, True)
    )
    same = 0
    for before, after in zip(plain, colourful):
        orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
        found = [order for order in orders if torch.equal(before[list(order)], after)]
        assert found  # nothing else changed
        same += (0, 1, 2) in found
    # A half kept on purpose, and a sixth of the other half by chance.
    assert same / 200 == pytest.approx(1 / 2 + 1 / 12, abs=0.1)


def test_index_and_seed_decide():
    crops = PhotoCrops(5, 16, seed=1, photos=[RAMP])
    state = torch.get_rng_state()
    assert torch.equal(crops[3], PhotoCrops(9, 16, seed=1, photos=[RAMP])[3])
    assert torch.equal(torch.get_rng_state(), state)  # the global generator is left alone
    assert not torch.equal(crops[3], crops[2])
    assert not torch.equal(crops[3], PhotoCrops(5, 16, seed=2, photos=[RAMP])[3])


def test_all_photos_are_drawn():
    flat = [torch.full((3, 20, 20), value) for value in (-1.0, 0.0, 1.0)]
    seen = [crop.mean().item() for crop in crops_of(PhotoCrops(90, 16, photos=flat))]
    assert all(15 <= seen.count(value) <= 45 for value in (-1.0, 0.0, 1.0))


def test_the_photos_trained_on_are_not_those_shown():
    assert set(TRAINING_PHOTOS) <= set(PHOTOS)
    assert not {"cat", "flower", "temple"} & set(TRAINING_PHOTOS)
    batch = next(BatchStream(PhotoCrops(12, 128), 6))[0]
    assert batch.shape == (6, 3, 128, 128) and batch.dtype == torch.float32
    assert batch.abs().max() <= 1 and batch.std() > 0.2
    assert len(PhotoCrops(12).photos) == len(photo_crops.TRAINING_PHOTOS)


@pytest.mark.parametrize(
    ("photos", "message"),
    [
        ([], "photos is empty"),
        ([RAMP, RAMP[:2]], r"sides of at least 16, got \(2, 40, 60\)"),
        ([RAMP[:, :15]], r"sides of at least 16, got \(3, 15, 60\)"),
        ([RAMP[None]], r"got \(1, 3, 40, 60\)"),
    ],
)
def test_bad_photos(photos, message):
    with pytest.raises(ValueError, match=message):
        PhotoCrops(3, 16, photos=photos)


@pytest.mark.parametrize("index", [-1, 3])
def test_an_index_outside(index):
    with pytest.raises(IndexError, match=rf"must lie in \[0, 3\), got {index}"):
        PhotoCrops(3, 16, photos=[RAMP])[index]
