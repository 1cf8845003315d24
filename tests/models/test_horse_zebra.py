"""ganbook.models.horse_zebra and the weights that ship with the package."""

import pytest
import torch

from ganbook.data.horses import load_scenes
from ganbook.models.horse_zebra import SIZE, load_horse_zebra


@pytest.fixture(scope="module")
def networks():
    return load_horse_zebra()


@pytest.fixture(scope="module")
def scenes():
    return load_scenes(32, SIZE).tensors


@pytest.fixture(scope="module")
def translated(networks, scenes):
    to_zebra, to_horse = networks
    horses, zebras, _ = scenes
    return to_zebra(horses), to_horse(zebras)


def distance(first, second, where=None):
    """Mean absolute difference, in all of the picture or under a mask ``(N, 1, H, W)``."""
    difference = (first - second).abs().mean(1, keepdim=True)
    where = torch.ones_like(difference) if where is None else where
    return ((difference * where).sum() / where.sum()).item()


def test_the_shipped_generators_are_frozen_and_in_float32(networks):
    for network in networks:
        assert not network.training
        assert not any(p.requires_grad for p in network.parameters())
        assert {p.dtype for p in network.parameters()} == {torch.float32}
    first, second = (n.layers[0].weight for n in networks)
    assert not torch.equal(first, second)


def test_a_zebra_becomes_nearly_the_hidden_horse(scenes, translated):
    horses, zebras, masks = scenes
    before, after = distance(zebras, horses, masks), distance(translated[1], horses, masks)
    assert 0 < after < 0.4 * before


def test_a_horse_gets_stripes(scenes, translated):
    horses, zebras, masks = scenes
    inside = (masks > 0.99).float()
    inside = -torch.nn.functional.max_pool2d(-inside, 5, 1, 2)  # away from the outline

    def contrast(images):
        return distance(images[..., 1:, :], images[..., :-1, :], inside[..., 1:, :])

    assert contrast(translated[0]) > 2 * contrast(horses)
    assert contrast(translated[0]) == pytest.approx(contrast(zebras), rel=0.6)


def test_the_ground_stays_and_the_cycle_closes(networks, scenes, translated):
    to_zebra, to_horse = networks
    horses, zebras, masks = scenes
    ground = (masks == 0).float()
    for made, given in zip(translated, (horses, zebras)):
        assert made.shape == given.shape and made.abs().max() <= 1
        assert distance(made, given, ground) < 0.2
    assert distance(to_horse(translated[0]), horses) < 0.2
    assert distance(to_zebra(translated[1]), zebras) < 0.2
