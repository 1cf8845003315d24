"""ganbook.data.resolution: block means, bicubic weights, the nearest picture that fits."""

import pytest
import torch
from torch.nn.functional import interpolate

from ganbook.data.resolution import back_project, enlarge, shrink


def test_shrinking_takes_block_means_by_hand():
    image = torch.tensor([[1.0, 3.0, 0.0, 0.0], [5.0, 7.0, 0.0, 2.0]]).view(1, 1, 2, 4)
    torch.testing.assert_close(shrink(image, 2), torch.tensor([[[[4.0, 0.5]]]]))
    assert torch.equal(shrink(image, 1), image)


def test_what_adds_up_to_zero_in_each_block_leaves_no_trace():
    image = torch.rand(1, 3, 8, 8)
    checks = 0.2 * (1 - 2 * ((torch.arange(8)[:, None] + torch.arange(8)) % 2))
    torch.testing.assert_close(shrink(image + checks), shrink(image))


def test_enlarging_by_two_has_the_weights_of_cubic_convolution():
    """Keys (1981), equation 15, with a = -0.75; pixel centres lie half a pixel inside."""

    def weight(t, a=-0.75):
        t = abs(t)
        if t <= 1:
            return (a + 2) * t**3 - (a + 3) * t**2 + 1
        return a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a

    row = torch.tensor([0.3, -0.2, 0.9, 0.5, 0.1, -0.7])
    large = enlarge(row.expand(1, 1, 6, 6), 2)
    # Pixel 5 lies at (5 + 0.5) / 2 - 0.5 = 2.25 of the small row.
    expected = sum(weight(2.25 - k) * row[k] for k in range(1, 5))
    torch.testing.assert_close(large[0, 0, 6, 5], expected)
    assert large.shape == (1, 1, 12, 12)


def test_bicubic_overshoots_beside_an_edge():
    step = torch.tensor([-1.0, -1, -1, 1, 1, 1]).expand(1, 1, 6, 6)
    assert enlarge(step, 4).max() > 1.05 and enlarge(step, 4).min() < -1.05


@pytest.mark.parametrize("factor", [2, 4])
def test_back_projection_is_exact_idempotent_and_never_further_from_the_truth(factor):
    truth, guess = torch.randn(2, 3, 3, 16, 24).double()
    small = shrink(truth, factor)
    fitting = back_project(guess, small)
    torch.testing.assert_close(shrink(fitting, factor), small)
    torch.testing.assert_close(back_project(fitting, small), fitting)
    torch.testing.assert_close(back_project(truth, small), truth)
    # Pythagoras: the correction stands at a right angle to what is still wrong.
    removed = (guess - fitting).square().sum()
    left = (fitting - truth).square().sum()
    torch.testing.assert_close(removed + left, (guess - truth).square().sum())
    assert removed > 0


def test_back_projection_keeps_the_details():
    guess, small = torch.randn(1, 1, 8, 8), torch.randn(1, 1, 2, 2)
    fitting = back_project(guess, small)

    def details(x):
        return x - interpolate(shrink(x), scale_factor=4)

    torch.testing.assert_close(details(fitting), details(guess))


@pytest.mark.parametrize("function", [shrink, enlarge])
def test_bad_arguments(function):
    with pytest.raises(ValueError, match=r"shape \(N, C, H, W\), got \(3, 8, 8\)"):
        function(torch.zeros(3, 8, 8))
    with pytest.raises(ValueError, match="factor must be at least 1, got 0"):
        function(torch.zeros(1, 3, 8, 8), 0)


def test_sides_that_cannot_be_shrunk():
    with pytest.raises(ValueError, match="8 x 10; both sides must be multiples of the factor, 4"):
        shrink(torch.zeros(1, 3, 8, 10))


@pytest.mark.parametrize(
    ("large", "small"),
    [
        ((1, 3, 8, 8), (1, 3, 3, 2)),
        ((1, 3, 8, 8), (1, 1, 2, 2)),
        ((1, 3, 2, 2), (1, 3, 8, 8)),
        ((1, 3, 8, 8), (3, 2, 2)),
    ],
)
def test_pictures_that_do_not_belong_together(large, small):
    with pytest.raises(ValueError, match=r"images must be \(N, C, fH, fW\)"):
        back_project(torch.zeros(large), torch.zeros(small))
