"""ganbook.style.quilting: the cut against brute force; quilts of textures that are known."""

from itertools import pairwise, product

import pytest
import torch

from ganbook.data.photos import load_photo
from ganbook.style.quilting import minimum_cut, quilt


def cheapest_by_trying_all(cost):
    """Return the least cost of all paths that move by at most one column a row."""
    height, width = cost.shape
    return min(
        sum(cost[i, j].item() for i, j in enumerate(path))
        for path in product(range(width), repeat=height)
        if all(abs(a - b) <= 1 for a, b in pairwise(path))
    )


@pytest.mark.parametrize("shape", [(1, 4), (4, 1), (2, 2), (5, 3), (4, 5), (6, 4)])
def test_the_cut_equals_brute_force(shape):
    for seed in range(10):
        cost = torch.rand(shape, generator=torch.Generator().manual_seed(seed))
        path = minimum_cut(cost)
        assert path.shape == shape[:1] and path.dtype == torch.int64
        assert (path.diff().abs() <= 1).all()
        found = cost[torch.arange(shape[0]), path].sum().item()
        assert found == pytest.approx(cheapest_by_trying_all(cost))


def test_the_cut_by_hand():
    cost = torch.tensor([[9.0, 1, 9, 9], [9, 9, 1, 9], [9, 9, 9, 1], [0, 9, 9, 1]])
    assert minimum_cut(cost).tolist() == [1, 2, 3, 3]  # not to the 0, which is too far
    assert minimum_cut(torch.tensor([[3.0, 2, 2]])).tolist() == [1]


def numbered(height, width):
    """Return a texture whose pixels tell where they come from."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([rows, columns, rows * 0]).float()


@pytest.mark.parametrize("method", ["cut", "overlap", "random"])
def test_every_pixel_comes_from_the_texture(method):
    texture = numbered(40, 44)
    result = quilt(texture, (50, 61), block=12, overlap=4, tolerance=3.0, method=method)
    assert result.shape == (3, 50, 61)
    assert torch.equal(result, result.round())
    assert result[0].max() < 40 and result[1].max() < 44 and result.min() >= 0
    # The middle of a block is one piece, in its own order: rows and columns rise by one.
    inside = result[:, 4:8, 4:8]
    assert (inside[0].diff(dim=0) == 1).all() and (inside[1].diff(dim=1) == 1).all()


def test_a_periodic_texture_goes_on_without_a_seam():
    line = torch.arange(64)
    wave = torch.stack([((line + 3 * c) % 8 < 4).float() for c in range(3)])
    texture = wave[:, :, None] * (0.5 + (line % 6 < 3).float())  # periods 8 down and 6 across
    result = quilt(texture, 120, block=20, overlap=8)
    assert torch.equal(result[:, 8:], result[:, :-8])
    assert torch.equal(result[:, :, 6:], result[:, :, :-6])
    rough = quilt(texture, 120, block=20, overlap=8, method="random")
    assert not torch.equal(rough[:, 8:], rough[:, :-8])


def straightest_edge(picture, pitch):
    """Return the largest step of the columns that lie alike in all blocks, over the median one."""
    steps = picture.diff(dim=2).abs().mean(dim=(0, 1))
    by_place = steps[: len(steps) // pitch * pitch].view(-1, pitch)[1:].mean(0)
    return (by_place.max() / by_place.median()).item()


def test_the_cut_hides_the_seams_of_a_real_texture():
    texture = load_photo("gravel")[:, :128, :128]
    edges = {
        method: straightest_edge(quilt(texture, 200, 32, 8, method=method), 24)
        for method in ("cut", "overlap", "random")
    }
    assert edges["cut"] < 1.5
    assert edges["cut"] < edges["overlap"] < edges["random"]
    assert edges["random"] > 2


def test_colours_and_contrast_are_kept():
    texture = load_photo("grass")[:, :128, :128]
    result = quilt(texture, 160, 32)
    assert result.mean().item() == pytest.approx(texture.mean().item(), abs=0.05)
    assert result.std().item() == pytest.approx(texture.std().item(), rel=0.1)


def test_seeds_sizes_and_the_global_generator():
    texture = torch.rand(1, 24, 24, generator=torch.Generator().manual_seed(0))
    before, state = texture.clone(), torch.get_rng_state()
    first = quilt(texture, 30, block=8, seed=1, tolerance=1.0)
    assert torch.equal(first, quilt(texture, 30, block=8, seed=1, tolerance=1.0))
    assert not torch.equal(first, quilt(texture, 30, block=8, seed=2, tolerance=1.0))
    assert quilt(texture, 5, block=8).shape == (1, 5, 5)  # less than a block
    assert torch.equal(texture, before) and torch.equal(torch.get_rng_state(), state)


def test_bad_input():
    texture = torch.zeros(3, 20, 30)
    for arguments, message in (
        ({"block": 11}, r"at most half .* got block 11 and texture \(3, 20, 30\)"),
        ({"block": 1}, "got block 1"),
        ({"block": 8, "overlap": 5}, "overlap must lie in 1 to 4, half a block, got 5"),
        ({"block": 8, "overlap": 0}, "overlap must lie in 1 to 4, half a block, got 0"),
        ({"block": 8, "tolerance": -0.1}, "tolerance must not be negative, got -0.1"),
        ({"block": 8, "method": "blend"}, "method is 'blend'; accepted are cut, overlap, random"),
        ({"block": 8, "size": (0, 5)}, r"size must be at least 1, got \(0, 5\)"),
    ):
        with pytest.raises(ValueError, match=message):
            quilt(texture, **arguments)
    for wrong in (texture[0], texture.byte()):
        with pytest.raises(ValueError, match=r"texture must be float \(C, H, W\), got"):
            quilt(wrong)
    for wrong in (torch.zeros(3), torch.zeros(0, 3)):
        with pytest.raises(ValueError, match=r"cost must have shape \(H, W\), not empty"):
            minimum_cut(wrong)
