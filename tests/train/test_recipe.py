"""ganbook.train.recipe: the helpers of the recipes."""

import pytest
import torch
from torch.utils.data import TensorDataset

from ganbook.train.recipe import (
    check_enough,
    generators_at,
    halvings,
    in_rows,
    latents_at,
    patch_layers,
    spread,
    stacked,
)

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


def test_generators_of_a_place_start_alike():
    first, again = (torch.rand(3, generator=generators_at([p], 2)[0]) for p in (5, 5))
    assert torch.equal(first, again)
    assert not torch.equal(first, torch.rand(3, generator=generators_at([6], 2)[0]))


def test_a_sheet_shows_the_first_and_the_last_and_some_between():
    assert spread(PAIRS) == [0, 1, 2, 3, 4]
    assert spread(range(71)) == [0, 10, 20, 30, 40, 50, 60, 70]


def test_columns_become_rows():
    columns = torch.arange(6.0).view(3, 2, 1, 1, 1)
    assert in_rows(*columns).flatten().tolist() == [0, 2, 4, 1, 3, 5]


@pytest.mark.parametrize(
    ("size", "downs", "layers"), [(16, 4, 1), (64, 6, 2), (96, 5, 3), (256, 8, 3), (512, 8, 3)]
)
def test_networks_fit_the_size(size, downs, layers):
    assert (halvings(size), patch_layers(size)) == (downs, layers)
