"""ganbook.data.printed_digits: as many as asked, readable, and like MNIST in place and size."""

import importlib.util
import subprocess
import sys

import pytest
import torch

from ganbook.data import printed_digits
from ganbook.data.digits import load_digits
from ganbook.data.printed_digits import FONTS, load_printed_digits


def test_sizes_range_and_balance():
    for split, n in (("train", 4000), ("test", 1000)):
        images, labels = load_printed_digits(split).tensors
        assert images.shape == (n, 1, 32, 32) and images.dtype == torch.float32
        assert images.min() == -1 and 0.99 < images.max() <= 1
        assert labels.dtype == torch.int64
        assert labels.bincount().tolist() == [n // 10] * 10
        assert labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert len(load_printed_digits("test", per_class=3)) == 30


def test_the_same_arguments_give_the_same_images_and_others_do_not():
    first = load_printed_digits("train", 20).tensors[0]
    state = torch.get_rng_state()
    assert torch.equal(load_printed_digits("train", 20).tensors[0], first)
    assert torch.equal(torch.get_rng_state(), state)
    others = [
        load_printed_digits("test", 20).tensors[0],
        load_printed_digits("train", 20, seed=1).tensors[0],
        load_printed_digits("test", 20, seed=1).tensors[0],
    ]
    for place, one in enumerate([first, *others]):
        for other in others[place:]:
            same = (one == other).flatten(1).all(dim=1).float().mean()
            assert same == 0


def test_ink_lies_as_in_mnist():
    printed = (load_printed_digits("train").tensors[0] + 1) / 2
    written = (load_digits("train").tensors[0] + 1) / 2
    # As much ink within a third, in the middle within a pixel, and about as high.
    assert 2 / 3 < printed.mean() / written.mean() < 3 / 2
    places = torch.arange(32.0)
    for images in (printed, written):
        for dim in (2, 3):
            profile = images.sum(dim=(0, 1, 5 - dim))
            assert abs((profile * places).sum() / profile.sum() - 15.5) < 1
    heights = (printed.amax(dim=(1, 3)) > 0.3).sum(dim=1).float()
    assert 18.5 < heights.mean() < 21 and heights.min() >= 14 and heights.max() <= 28


def test_edges_are_smooth():
    """A shape of two values only, black and white, would be recognised by its stairs."""
    images = load_printed_digits("test").tensors[0]
    ink = images > -0.9
    gray = (images.abs() < 0.9) & ink
    assert 0.5 < gray.sum() / ink.sum() < 0.75


def test_28_is_32_without_its_border_and_no_ink_is_lost():
    large, small = (load_printed_digits("train", size=size).tensors[0] for size in (32, 28))
    assert torch.equal(large[:, :, 2:-2, 2:-2], small)
    outside = (large + 1).sum() - (small + 1).sum()
    assert outside / (large + 1).sum() < 1e-4


def test_every_font_has_ten_different_digits():
    glyphs = printed_digits._glyphs()
    assert glyphs.shape == (len(FONTS), 10, 1, 64, 64) and len(FONTS) == 21
    flat = glyphs.flatten(2)
    for font, digits in zip(FONTS, flat):
        distances = torch.cdist(digits, digits) + 100 * torch.eye(10)
        assert distances.min() > 5, font  # an empty box for each, as a font without digits draws
        assert 0.03 < digits.mean() < 0.3, font
    # The fonts differ too: no file under two names.
    distances = torch.cdist(flat.flatten(1), flat.flatten(1)) + 100 * torch.eye(len(FONTS))
    assert distances.min() > 5


def test_an_older_matplotlib_has_a_font_less(monkeypatch):
    """3.10, which Colab has, lacks cmti10; the rest are drawn evenly."""
    fonts = tuple("older" if font == "cmti10" else font for font in FONTS)
    monkeypatch.setattr(printed_digits, "FONTS", fonts)
    printed_digits._glyphs.cache_clear()
    assert len(printed_digits._glyphs()) == 20
    images, _ = load_printed_digits("test", 10).tensors
    assert images.shape == (100, 1, 32, 32) and (images > 0).flatten(1).any(dim=1).all()
    printed_digits._glyphs.cache_clear()


def test_a_digit_is_nearest_to_its_own_kind():
    """Nearest neighbour among the training images, in pixels: far above 10 %, chance."""
    train, train_labels = load_printed_digits("train").tensors
    test, test_labels = load_printed_digits("test", 50).tensors
    nearest = torch.cdist(test.flatten(1), train.flatten(1)).argmin(dim=1)
    assert (train_labels[nearest] == test_labels).float().mean() > 0.97


@pytest.mark.parametrize(
    ("draws", "height", "center"),
    [
        ((0.6, 0.5, 0.5, 0.5), 20, (15.5, 15.5)),  # scale 0.85 + 0.6 · 0.25 = 1: as it is
        ((0.6, 0.5, 1.0, 0.5), 20, (15.5, 17.5)),  # 2 pixels to the right
        ((0.6, 0.5, 0.5, 0.0), 20, (13.5, 15.5)),  # 2 pixels up
        ((1.0, 0.5, 0.5, 0.5), 22, (15.5, 15.5)),
        ((0.0, 0.5, 1.0, 1.0), 17, (17.5, 17.5)),  # the shift is not scaled
    ],
)
def test_scale_and_shift(draws, height, center):
    square = torch.zeros(1, 1, 64, 64)
    square[..., 12:52, 12:52] = 1  # 20 x 20 pixels of the final size, in the middle
    image = printed_digits._place(square, torch.tensor([draws]))[0, 0]
    assert image.shape == (32, 32)
    assert image.sum().sqrt().item() == pytest.approx(height, abs=0.1)
    places = torch.arange(32.0)
    for dim, expected in zip((1, 0), center):
        profile = image.sum(dim=dim)
        assert ((profile * places).sum() / profile.sum()).item() == pytest.approx(expected, abs=0.1)


def test_a_turn_keeps_the_size():
    bar = torch.zeros(1, 1, 64, 64)
    bar[..., 12:52, 28:36] = 1
    upright, turned = (
        printed_digits._place(bar, torch.tensor([[0.6, turn, 0.5, 0.5]]))[0, 0] for turn in (0.5, 1)
    )
    assert turned.sum().item() == pytest.approx(upright.sum().item(), rel=0.01)
    # At 8 degrees, the end of a bar 10 pixels from the middle moves by 10 · sin 8° = 1.4 pixels.
    places = torch.arange(32.0)
    middle = [(row * places).sum() / row.sum() for row in (turned[7], turned[24])]
    assert abs(middle[0] - middle[1]).item() == pytest.approx(17 * 0.1405, abs=0.1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "all"}, "split is 'all'; accepted are train, test"),
        ({"size": 64}, "size is 64; digits come as 32 or 28"),
        ({"per_class": 0}, "per_class must be at least 1, got 0"),
        ({"seed": -1}, "seed must not be negative, got -1"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        load_printed_digits(**arguments)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(printed_digits, "find_spec", lambda name: None)
    printed_digits._glyphs.cache_clear()
    with pytest.raises(ModuleNotFoundError, match="pip install matplotlib"):
        load_printed_digits()
    printed_digits._glyphs.cache_clear()
    assert importlib.util.find_spec("matplotlib") is not None


def test_matplotlib_itself_is_not_imported():
    code = (
        "import sys; from ganbook.data.printed_digits import load_printed_digits as load;"
        "load('test', 1); print('matplotlib' in sys.modules, 'torchvision' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
