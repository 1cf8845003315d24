"""ganbook.data.photos: every photo loads."""

import numpy as np
import pytest
import skimage.data
import torch
from sklearn.datasets import load_sample_image

from ganbook.data import photos
from ganbook.data.photos import PHOTOS, load_photo
from ganbook.data.transforms import to_uint8


@pytest.mark.parametrize("name", PHOTOS)
def test_every_photo(name):
    photo = load_photo(name)
    assert photo.ndim == 3 and photo.shape[0] == 3 and min(photo.shape[1:]) >= 300
    assert photo.dtype == torch.float32
    assert photo.min().item() >= -1 and photo.max().item() <= 1
    assert photo.std().item() > 0.05
    small = load_photo(name, 48)
    assert small.shape == (3, 48, 48)
    assert small.mean().item() == pytest.approx(photo.mean().item(), abs=0.25)


def test_pixels_are_those_of_scikit_image():
    expected = torch.from_numpy(np.array(skimage.data.astronaut())).permute(2, 0, 1)
    torch.testing.assert_close(to_uint8(load_photo("astronaut")), expected)


def test_pixels_are_those_of_scikit_learn():
    expected = torch.from_numpy(load_sample_image("china.jpg").copy()).permute(2, 0, 1)
    torch.testing.assert_close(to_uint8(load_photo("temple")), expected)


def test_bad_input(monkeypatch):
    with pytest.raises(ValueError, match="photo is 'dog'; accepted are astronaut, brick, cat"):
        load_photo("dog")
    monkeypatch.setattr(photos, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"scikit-image.*ganbook\[samples\]"):
        load_photo("cat")
    with pytest.raises(ModuleNotFoundError, match=r"flower needs scikit-learn.*ganbook\[samples\]"):
        load_photo("flower")
