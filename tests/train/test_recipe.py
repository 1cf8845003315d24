"""ganbook.train.recipe: the helpers of the recipes."""

import pytest
import torch
from torch.utils.data import TensorDataset

from ganbook.train.recipe import check_enough, latents_at, stacked

PAIRS = TensorDataset(torch.arange(5.0)[:, None], -torch.arange(5.0)[:, None])


def test_stacked_takes_one_part_of_some_items():
    assert stacked(PAIRS, [3, 1]).tolist() == [[3.0], [1.0]]
    assert stacked(PAIRS, torch.tensor([3, 1]), part=1).tolist() == [[-3.0], [-1.0]]


def test_too_few_images():
    check_enough(PAIRS, 5, "photos")
    with pytest.raises(ValueError, match="photos has 5 images, fewer than one batch of 6; add im"):
        check_enough(PAIRS, 6, "photos")


def test_each_place_has_its_own_latents():
    latents = latents_at(range(2000), 4, seed=0)
    torch.testing.assert_close(latents_at([7, 3], 4, seed=0), latents[[7, 3]], rtol=0, atol=0)
    assert not torch.equal(latents_at([7, 3], 4, seed=1), latents[[7, 3]])
    assert latents.unique(dim=0).shape == (2000, 4)
    assert latents.mean().abs() < 0.04 and (latents.std() - 1).abs() < 0.04  # 3.5 standard errors
    assert (latents.T.cov() - torch.eye(4)).abs().max() < 0.12
