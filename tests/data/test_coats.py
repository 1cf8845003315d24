"""ganbook.data.coats: a real silhouette, a brown coat, and stripes that follow the body."""

import math

import pytest
import torch

from ganbook.data import coats
from ganbook.data.coats import BRANCHES, PERIOD, SPINE, load_coats


@pytest.fixture(scope="module")
def cutouts():
    return load_coats()


def test_shapes_and_range(cutouts):
    pictures, mask = cutouts
    assert pictures.shape == (2, 3, 400, 400) and pictures.dtype == torch.float32
    assert mask.shape == (1, 400, 400)
    for values in cutouts:
        assert values.min() >= 0 and values.max() <= 1
    assert set(mask.unique().tolist()) >= {0.0, 1.0}


def test_the_silhouette_is_that_of_scikit_image(cutouts):
    skimage_data = pytest.importorskip("skimage.data")
    horse = torch.from_numpy(~skimage_data.horse()).float()  # True is the ground there
    mask = cutouts[1][0]
    assert ((mask[36:364] > 0.5).float() == horse).float().mean() > 0.999
    assert mask[:36].max() == 0 and mask[364:].max() == 0


def colours(cutouts, part):
    """Return the two coats' mean colours ``(2, 3)`` in a part given as rows and columns."""
    pictures, mask = cutouts
    rows, columns = part
    inside = mask[:, rows, columns]
    return (pictures[:, :, rows, columns] * inside).sum(dim=(2, 3)) / inside.sum()


def test_the_horse_is_brown_with_black_tail_and_legs(cutouts):
    barrel, tail, legs = (
        colours(cutouts, part)[0]
        for part in (
            (slice(150, 210), slice(120, 250)),
            (slice(150, 270), slice(18, 46)),
            (slice(310, 340), slice(40, 300)),
        )
    )
    red, green, blue = barrel.tolist()
    assert red > 1.4 * green > 1.4 * 1.3 * blue and red > 0.4
    assert tail.max() < 0.2 and legs.max() < 0.3


def test_the_zebra_is_black_and_white_without_colour(cutouts):
    pictures, mask = cutouts
    zebra = pictures[1][:, mask[0] > 0.99]
    assert (zebra.amax(dim=0) - zebra.amin(dim=0)).max() < 0.08
    brightness = zebra.mean(dim=0)
    dark, light = (brightness < 0.25).float().mean(), (brightness > 0.6).float().mean()
    assert 0.3 < dark < 0.6 and 0.3 < light < 0.6  # both, and little between


def test_stripes_are_counted_along_the_body():
    """A walk along the back crosses as many stripes as its length has periods."""
    dark = coats.stripes(coats._silhouette()) > 0.5
    begun = (dark[170, 130:235].int().diff() == 1).sum().item()
    assert abs(begun - (235 - 130) / PERIOD) <= 1.5
    # On the barrel they stand upright: a walk down crosses none or one.
    for column in (140, 180, 220):
        assert dark[150:200, column].int().diff().abs().sum() <= 1
    # On the tail and a hind leg they lie flat: a walk across crosses none or one.
    for row, start, end in ((220, 20, 45), (250, 20, 45), (300, 50, 58)):
        assert dark[row, start:end].int().diff().abs().sum() <= 1
    assert dark[160:270, 32].int().diff().abs().sum() >= 4


def test_stripes_depend_on_the_mask_only_through_the_body():
    """The truth is deterministic: the same body always wears the same stripes."""
    mask = coats._silhouette()
    assert torch.equal(coats.stripes(mask), coats.stripes(mask.clone()))
    load_coats.cache_clear()
    first = load_coats()
    load_coats.cache_clear()
    assert all(torch.equal(a, b) for a, b in zip(first, load_coats()))


def test_distance_and_way_along_a_line():
    x, y = torch.tensor([5.0, 3.0, 10.0, 14.0, -3.0]), torch.tensor([2.0, 0.0, 7.0, 13.0, -4.0])
    distance, way = coats._along([(0, 0), (10, 0), (10, 10)], x, y)
    torch.testing.assert_close(distance, torch.tensor([2.0, 0.0, 0.0, 5.0, 5.0]))
    torch.testing.assert_close(way, torch.tensor([5.0, 3.0, 17.0, 20.0, 0.0]))


def test_all_lines_run_inside_the_animal(cutouts):
    mask = cutouts[1][0]
    for line in (SPINE, *BRANCHES):
        inside = [mask[y - 6 : y + 7, x - 6 : x + 7].max() > 0.5 for x, y in line]
        assert all(inside), line
    assert math.isclose(PERIOD * 64 / 400, 5.4, abs_tol=0.1)  # pixels of 64: wide enough to see


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(coats, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"ganbook\[samples\]"):
        coats.open_picture("horse.png")
