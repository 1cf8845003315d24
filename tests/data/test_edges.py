"""ganbook.data.edges: line drawings, their portraits, and a split that does not leak."""

import math
from collections import Counter

import pytest
import torch
from skimage.feature import canny

from ganbook.data import edges as module
from ganbook.data.edges import HELD_OUT, describe_pairs, detect_edges, load_edges_to_portraits
from ganbook.data.emoji import LOOKS, PERSONS, SKIN_TONES, describe_portraits, load_portraits


@pytest.fixture(scope="module")
def train():
    return load_edges_to_portraits("train").tensors


@pytest.fixture(scope="module")
def test():
    return load_edges_to_portraits("test").tensors


def test_shapes_counts_and_range(train, test):
    for (edges, drawings), n in ((train, 354), (test, 60)):
        assert edges.shape == (n, 1, 64, 64) and drawings.shape == (n, 3, 64, 64)
        assert edges.dtype == drawings.dtype == torch.float32
        assert edges.unique().tolist() == [-1, 1]
        assert drawings.min() >= -1 and drawings.max() == 1
        # Lines are thin and everywhere: 3 to 20 % of each picture is ink, the upper corners paper.
        ink = (edges < 0).float().mean(dim=(1, 2, 3))
        assert ink.min() > 0.03 and ink.max() < 0.2
        assert (edges[:, :, 0, [0, -1]] == 1).float().mean() > 0.95


def test_the_split_is_by_person_and_look_with_all_skin_tones_together():
    train, test = describe_pairs("train"), describe_pairs("test")
    assert len(train) == 354 and len(test) == 60
    assert {p.name for p in train} | {p.name for p in test} == {
        p.name for p in describe_portraits()
    }
    held_out = Counter((p.person, p.look) for p in test)
    assert held_out == {(person, look): len(SKIN_TONES) for look, person in HELD_OUT.items()}
    assert not held_out.keys() & {(p.person, p.look) for p in train}
    # Each held-out look is seen on the two other persons, and all persons are held out alike.
    seen = Counter(p.look for p in train)
    assert all(seen[look] == 12 for look in HELD_OUT)
    assert sorted(Counter(HELD_OUT.values()).values()) == [3, 3, 4]
    assert set(HELD_OUT.values()) == set(PERSONS) and HELD_OUT.keys() < LOOKS.keys()


def test_descriptions_are_in_the_order_of_the_pairs(test):
    everything = load_portraits().tensors[0]
    position = {p.name: i for i, p in enumerate(describe_portraits())}
    expected = torch.stack([everything[position[p.name]] for p in describe_pairs("test")])
    torch.testing.assert_close(test[1], expected, rtol=0, atol=0)


def differing_pixels(edges, others):
    """Return how many pixels of each line drawing differ from the most similar other."""
    return (torch.cdist(edges.flatten(1), others.flatten(1)).square() / 4).min(dim=1).values


def test_no_line_drawing_of_the_test_is_in_training(train, test):
    both = torch.cat([train[0], train[0].flip(-1)])
    assert differing_pixels(test[0], both).min() > 100


def test_a_random_split_would_leak(train):
    order = torch.randperm(354, generator=torch.Generator().manual_seed(0))
    edges = train[0][order]
    assert differing_pixels(edges[:60], edges[60:]).median() < 60


@pytest.mark.parametrize(
    ("person", "look", "other", "same"),
    [
        ("woman", "plain", "red hair", True),
        ("person", "plain", "white hair", True),
        ("man", "red hair", "white hair", True),
        ("woman", "plain", "curly hair", False),
    ],
)
def test_plain_red_and_white_hair_are_one_drawing(train, person, look, other, same):
    one, two = (
        train[0][[(p.person, p.look) == (person, name) for p in describe_pairs("train")]]
        for name in (look, other)
    )
    assert len(one) == len(two) == 6
    distance = differing_pixels(one, two)
    assert distance.max() < 30 if same else distance.min() > 300


def test_edges_are_those_of_the_drawing(test):
    edges, drawings = test
    assert torch.equal(detect_edges(drawings[::7]), edges[::7])


def test_mirror_and_size():
    plain = load_edges_to_portraits("test", 32).tensors
    both = load_edges_to_portraits("test", 32, mirror=True).tensors
    for one, two in zip(plain, both):
        assert one.shape[2:] == (32, 32)
        assert torch.equal(two, torch.cat([one, one.flip(-1)]))


def square(inside, outside=(1.0, 1.0, 1.0)):
    image = torch.tensor(outside).view(1, 3, 1, 1).repeat(1, 1, 32, 32)
    image[:, :, 8:24, 8:24] = torch.tensor(inside).view(3, 1, 1)
    return image


def test_the_outline_of_a_square():
    edges = detect_edges(square((-1.0, -1.0, -1.0)))
    assert edges.shape == (1, 1, 32, 32) and edges.dtype == torch.float32
    lines = edges[0, 0] < 0
    assert 52 <= lines.sum() <= 68  # an outline of 4 x 16, one pixel wide
    assert not lines[:6].any() and not lines[26:].any() and not lines[10:22, 10:22].any()
    assert (lines[10:22, 6:10].sum(dim=1) == 1).all() and (
        lines[10:22, 22:26].sum(dim=1) == 1
    ).all()


def test_a_flat_image_has_no_lines():
    assert (detect_edges(torch.zeros(2, 3, 16, 16)) == 1).all()


def test_colours_of_equal_brightness_are_told_apart():
    # Green on grey with the same luma: a detector on the grey copy is blind.
    image = square((-0.4, 0.1135, -0.1), (-0.1, -0.1, -0.1))
    luma = (image * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1)[0]
    assert not canny((luma.double().numpy() + 1) / 2, 0.7).any()
    assert (detect_edges(image) < 0).sum() >= 48


def test_more_smoothing_finds_fewer_lines(test):
    counts = [(detect_edges(test[1][:6], sigma) < 0).sum().item() for sigma in (0.7, 1.5, 3)]
    assert counts[0] > counts[1] > counts[2] > 0


def test_bad_input(monkeypatch):
    with pytest.raises(ValueError, match="split is 'all'; accepted are train, test"):
        load_edges_to_portraits("all")
    with pytest.raises(ValueError, match="split is 'valid'"):
        describe_pairs("valid")
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        load_edges_to_portraits(size=0)
    with pytest.raises(ValueError, match="images must have 3 channels, got 1"):
        detect_edges(torch.zeros(1, 1, 16, 16))
    with pytest.raises(TypeError, match="images must be float"):
        detect_edges(torch.zeros(1, 3, 16, 16, dtype=torch.uint8))
    with pytest.raises(ValueError, match="images is empty"):
        detect_edges(torch.zeros(0, 3, 16, 16))
    for sigma in (0, math.nan):
        with pytest.raises(ValueError, match="sigma must be positive"):
            detect_edges(torch.zeros(1, 3, 16, 16), sigma)
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"scikit-image.*ganbook\[samples\]"):
        detect_edges(torch.zeros(1, 3, 16, 16))
