"""ganbook.style.gram: by hand, what it ignores, and the papers' divisors."""

import pytest
import torch
from torch.nn.functional import mse_loss

from ganbook.style.gram import gram_matrix

# Two channels at 1 x 3 positions: the sums of products are 14, 1 and 5.
FEATURES = torch.tensor([[[[1.0, 2.0, 3.0]], [[-1.0, 1.0, 0.0]]]])
GRAM = torch.tensor([[[14.0, 1.0], [1.0, 2.0]]])


@pytest.mark.parametrize(
    ("divide_by", "divisor"), [("nothing", 1), ("positions", 3), ("elements", 6)]
)
def test_by_hand(divide_by, divisor):
    torch.testing.assert_close(gram_matrix(FEATURES, divide_by), GRAM / divisor)


def test_a_mask_weighs_positions_by_hand():
    mask = torch.tensor([[[[1.0, 0.5, 0.0]]]])
    expected = torch.tensor([[[1 + 0.5 * 4, -1 + 0.5 * 2], [-1 + 0.5 * 2, 1 + 0.5 * 1]]])
    torch.testing.assert_close(gram_matrix(FEATURES, "nothing", mask), expected)
    torch.testing.assert_close(gram_matrix(FEATURES, "positions", mask), expected / 1.5)
    torch.testing.assert_close(gram_matrix(FEATURES, "elements", mask), expected / 3)


def test_a_mask_of_ones_is_no_mask_and_a_half_is_a_crop():
    features = torch.randn(2, 5, 4, 6)
    torch.testing.assert_close(
        gram_matrix(features, mask=torch.ones(1, 1, 4, 6)), gram_matrix(features)
    )
    left = torch.zeros(1, 1, 4, 6)
    left[..., :3] = 1
    torch.testing.assert_close(gram_matrix(features, mask=left), gram_matrix(features[..., :3]))


def test_the_layout_is_thrown_away():
    features = torch.randn(1, 4, 5, 6)
    shuffled = features.flatten(2)[..., torch.randperm(30)].view(1, 4, 6, 5)
    torch.testing.assert_close(gram_matrix(shuffled), gram_matrix(features))


def test_repeating_an_image_does_not_change_its_mean_products():
    features = torch.randn(1, 3, 4, 4)
    torch.testing.assert_close(gram_matrix(features.repeat(1, 1, 2, 3)), gram_matrix(features))


def test_images_are_described_alone():
    features = torch.randn(3, 4, 5, 5)
    together = gram_matrix(features)
    assert together.shape == (3, 4, 4)
    torch.testing.assert_close(together[1:2], gram_matrix(features[1:2]))
    torch.testing.assert_close(together, together.mT)
    assert torch.linalg.eigvalsh(together).min() > -1e-5


def test_what_the_sources_losses_are_in_mean_products():
    """The table in the module's docstring."""
    a, b = torch.randn(1, 7, 4, 5), torch.randn(1, 7, 4, 5)
    c, m = 7, 20
    ours = mse_loss(gram_matrix(a), gram_matrix(b))
    raw = (gram_matrix(a, "nothing") - gram_matrix(b, "nothing")).square().sum()
    gatys = raw / (4 * c**2 * m**2)
    scaled = gram_matrix(a, "elements") - gram_matrix(b, "elements")
    torch.testing.assert_close(gatys, ours / 4)
    torch.testing.assert_close(scaled.square().sum(), ours)  # Johnson
    torch.testing.assert_close(scaled.square().mean(), ours / c**2)  # the tutorial


def test_the_gradient_by_hand():
    """Of the trace of G / M: twice the activation, divided by M."""
    features = FEATURES.clone().requires_grad_()
    gram_matrix(features).diagonal(dim1=1, dim2=2).sum().backward()
    torch.testing.assert_close(features.grad, 2 * FEATURES / 3)
    doubles = torch.rand(1, 2, 2, 3, dtype=torch.double, requires_grad=True)
    assert gram_matrix(doubles).dtype == torch.float32


def test_products_are_float32_inside_autocast():
    features = (torch.randn(1, 2, 8, 8) * 100).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = gram_matrix(features)
    torch.testing.assert_close(found, gram_matrix(features.float()))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.zeros(3, 4, 4),), r"features must have shape \(N, C, H, W\), got \(3, 4, 4\)"),
        ((FEATURES, "size"), "divide_by is 'size'; accepted are positions, elements, nothing"),
        (
            (FEATURES, "nothing", torch.ones(1, 1, 3, 1)),
            r"mask must have shape \(1, 1, 1, 3\), got",
        ),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        gram_matrix(*arguments)


def test_the_gradient_is_the_plain_products_also_for_lopsided_weights():
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(2, 5, 4, 6, generator=generator).requires_grad_()
    weights = torch.randn(2, 5, 5, generator=generator)
    rows = features.flatten(2)
    plain = rows @ rows.mT
    found = gram_matrix(features, "nothing")
    torch.testing.assert_close(found, plain)
    gradients = [torch.autograd.grad((g * weights).sum(), features)[0] for g in (found, plain)]
    torch.testing.assert_close(*gradients)
