"""ganbook.plotting.latent."""

import math

import pytest
import torch

from ganbook.plotting.latent import lerp, slerp


def test_the_straight_line_by_hand():
    found = lerp(torch.tensor([0.0, 4.0]), torch.tensor([8.0, 0.0]), 5)
    expected = torch.tensor([[0.0, 4.0], [2.0, 3.0], [4.0, 2.0], [6.0, 1.0], [8.0, 0.0]])
    torch.testing.assert_close(found, expected)


def test_the_arc_by_hand():
    found = slerp(torch.tensor([2.0, 0.0]), torch.tensor([0.0, 2.0]), 4)
    angle = torch.tensor([0, math.pi / 6, math.pi / 3, math.pi / 2])
    torch.testing.assert_close(found, 2 * torch.stack([angle.cos(), angle.sin()], 1))


def test_the_arc_keeps_the_length_and_the_line_does_not():
    generator = torch.Generator().manual_seed(0)
    start, end = (torch.randn(100, generator=generator) for _ in range(2))
    start, end = 10 * start / start.norm(), 10 * end / end.norm()
    torch.testing.assert_close(slerp(start, end, 9).norm(dim=1), torch.full((9,), 10.0))
    middle = math.sqrt((1 + (start @ end).item() / 100) / 2) * 10
    assert lerp(start, end, 9)[4].norm().item() == pytest.approx(middle)
    for walk in (lerp, slerp):
        points = walk(start, end, 9)
        assert points.shape == (9, 100)
        torch.testing.assert_close(points[0], start)
        torch.testing.assert_close(points[-1], end)


@pytest.mark.parametrize("factor", [1.0, 2.0, -1.0, 0.0])
def test_parallel_and_zero_latents_fall_back_to_the_line(factor):
    start = torch.tensor([1.0, 2.0, 3.0])
    found = slerp(start, factor * start, 5)
    torch.testing.assert_close(found, lerp(start, factor * start, 5))


@pytest.mark.parametrize("walk", [lerp, slerp])
def test_bad_input(walk):
    with pytest.raises(ValueError, match=r"shape \(D,\), got \(2,\) and \(3,\)"):
        walk(torch.zeros(2), torch.zeros(3), 4)
    with pytest.raises(ValueError, match=r"shape \(D,\), got \(1, 2\) and \(1, 2\)"):
        walk(torch.zeros(1, 2), torch.zeros(1, 2), 4)
    with pytest.raises(ValueError, match="steps must be at least 2, got 1"):
        walk(torch.ones(2), torch.ones(2), 1)
