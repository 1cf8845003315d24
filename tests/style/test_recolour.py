"""ganbook.style.recolour: one style's colours, mixtures by weight and mask, refusals."""

import pytest
import torch

from ganbook.style.colour import match_colours
from ganbook.style.gatys import Style
from ganbook.style.recolour import recolour


def picture(seed, height=24, width=32):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=generator) - 0.5


CONTENT, STYLE, OTHER = picture(1), picture(2, 20, 20) * 0.5 + 0.2, picture(3, 16, 40) * 0.3 - 0.3


def test_one_style():
    found = recolour(CONTENT, STYLE)
    torch.testing.assert_close(found, match_colours(CONTENT, STYLE))
    torch.testing.assert_close(found.mean(dim=(2, 3)), STYLE.mean(dim=(2, 3)))
    torch.testing.assert_close(found.std(dim=(2, 3)), STYLE.std(dim=(2, 3)), rtol=0.02, atol=0)


def test_weights_mix():
    one, other = recolour(CONTENT, STYLE), recolour(CONTENT, OTHER)
    found = recolour(CONTENT, [Style(STYLE, 1.0), Style(OTHER, 3.0)])
    torch.testing.assert_close(found, 0.25 * one + 0.75 * other)
    torch.testing.assert_close(recolour(CONTENT, [Style(STYLE, 5.0), Style(OTHER, 0.0)]), one)


def test_masks_divide():
    left = torch.zeros(1, 1, 24, 32)
    left[..., :10] = 1
    found = recolour(CONTENT, [Style(STYLE, mask=left), Style(OTHER, mask=1 - left)])
    torch.testing.assert_close(found[..., :10], recolour(CONTENT, STYLE)[..., :10])
    torch.testing.assert_close(found[..., 10:], recolour(CONTENT, OTHER)[..., 10:])
    alone = recolour(CONTENT, [Style(STYLE, mask=left)])
    assert torch.equal(alone[..., 10:], CONTENT[..., 10:])


@pytest.mark.parametrize(
    ("content", "style", "message"),
    [
        (CONTENT[0], STYLE, r"content must have shape \(N, C, H, W\)"),
        (CONTENT, STYLE * 9, r"style must lie in \[-1, 1\]"),
        (CONTENT, [Style(STYLE, 0)], "No style has a weight above 0"),
        (CONTENT, [Style(STYLE, mask=torch.ones(1, 1, 2, 2))], "mask must have the content's size"),
    ],
)
def test_bad_input(content, style, message):
    with pytest.raises(ValueError, match=message):
        recolour(content, style)
