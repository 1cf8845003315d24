"""ganbook.metrics.nearest."""

import pytest
import torch

from ganbook.data.digits import load_digits
from ganbook.metrics.nearest import nearest_neighbours


def test_by_hand():
    reference = torch.tensor([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    distances, indices = nearest_neighbours(torch.tensor([[0.0, 0.0], [6.0, 7.0]]), reference, k=2)
    assert indices.tolist() == [[0, 1], [2, 1]]
    expected = torch.tensor([[0.0, 5.0], [1.0, 18**0.5]]) / 2**0.5
    torch.testing.assert_close(distances, expected)


def test_black_against_white_is_two():
    black, white = torch.full((1, 3, 4, 4), -1.0), torch.full((5, 3, 4, 4), 1.0)
    distances, _ = nearest_neighbours(black, white)
    assert distances.shape == (1, 1)
    assert distances.item() == pytest.approx(2.0)


def test_a_training_image_is_found_at_distance_zero():
    images = load_digits("test").tensors[0]
    distances, indices = nearest_neighbours(images[100:150], images)
    assert indices.flatten().tolist() == list(range(100, 150))
    assert not distances.any()


def test_equals_distances_one_by_one():
    generator = torch.Generator().manual_seed(0)
    query, reference = (torch.randn(n, 2, 3, 3, generator=generator) for n in (30, 40))
    distances, indices = nearest_neighbours(query, reference, k=3)
    for i in range(30):
        each = (reference - query[i]).square().mean(dim=(1, 2, 3)).sqrt()
        values, order = each.sort()
        assert indices[i].tolist() == order[:3].tolist()
        torch.testing.assert_close(distances[i], values[:3])


def test_bad_input():
    with pytest.raises(ValueError, match=r"differ in shape: \(2, 3\), \(2, 4\)"):
        nearest_neighbours(torch.zeros(2, 3), torch.zeros(2, 4))
    for k in (0, 3):
        with pytest.raises(ValueError, match=f"between 1 and 2 references, got {k}"):
            nearest_neighbours(torch.zeros(2, 3), torch.zeros(2, 3), k)
