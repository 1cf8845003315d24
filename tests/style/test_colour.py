"""ganbook.style.colour: statistics that must match, by hand and against a peer."""

import pytest
import torch
from skimage.color import rgb2yiq

from ganbook.data.photos import load_photo
from ganbook.style.colour import (
    luminance,
    match_colours,
    match_luminance,
    take_colours,
    to_yiq,
)


def picture(seed, height=20, width=24, scale=0.3):
    """Colours around 0 with three different, correlated spreads; hardly any beyond 1."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(3, 3, generator=generator) * scale / 2
    noise = torch.randn(3, height * width, generator=generator)
    return (mixing @ noise).clamp(-1, 1).view(1, 3, height, width)


def statistics(image):
    pixels = image[0].flatten(1)
    return pixels.mean(dim=1), torch.cov(pixels, correction=0)


def test_matched_colours_have_the_contents_mean_and_covariance():
    style, content = picture(1, scale=0.2), picture(2, 30, 10, scale=0.2) + 0.1
    matched = match_colours(style, content)
    assert matched.shape == style.shape and matched.dtype == style.dtype
    for found, wanted in zip(statistics(matched), statistics(content)):
        torch.testing.assert_close(found, wanted, atol=1e-3, rtol=0.01)


def test_independent_channels_by_hand():
    """Without correlations each channel is scaled by the ratio of the standard deviations."""
    corners = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 3).T.view(1, 3, 2, 4)
    style = corners * torch.tensor([0.1, 0.2, 0.3]).view(1, 3, 1, 1)
    content = corners * torch.tensor([0.3, 0.2, 0.1]).view(1, 3, 1, 1) + 0.2
    torch.testing.assert_close(match_colours(style, content), content, atol=1e-3, rtol=0)


def test_a_picture_matched_with_itself_stays():
    photo = load_photo("coffee", 32)[None]
    torch.testing.assert_close(match_colours(photo, photo), photo, atol=1e-5, rtol=0)


def test_pictures_of_one_colour_give_no_nan():
    plain, photo = torch.full((1, 3, 8, 8), 0.25), load_photo("cat", 32)[None]
    torch.testing.assert_close(
        match_colours(plain, photo).mean(dim=(2, 3)), photo.mean(dim=(2, 3)), atol=1e-5, rtol=0
    )
    assert match_colours(photo, plain).isfinite().all()
    # Noise of the divisor's root is all that is left of the photo.
    assert (match_colours(photo, plain) - 0.25).abs().max() < 0.1
    assert match_luminance(plain, luminance(photo)).isfinite().all()


def test_yiq_agrees_with_scikit_image():
    photo = load_photo("astronaut", 16)[None]
    ours = to_yiq((photo + 1) / 2)[0].permute(1, 2, 0)
    peer = torch.from_numpy(rgb2yiq(((photo + 1) / 2)[0].permute(1, 2, 0).numpy()))
    torch.testing.assert_close(ours, peer.to(ours), atol=2e-3, rtol=0)


def test_luminance_by_hand():
    red = torch.tensor([1.0, -1.0, -1.0]).view(1, 3, 1, 1)
    assert luminance(red).flatten().tolist() == pytest.approx([2 * 0.299 - 1] * 3)
    gray = torch.full((2, 3, 2, 2), 0.3)
    torch.testing.assert_close(luminance(gray), gray)


def test_the_luminance_of_one_and_the_colours_of_the_other():
    image, other = (load_photo(name, 32)[None] / 2 for name in ("cat", "astronaut"))
    found, first, second = (to_yiq(x) for x in (take_colours(image, other), image, other))
    torch.testing.assert_close(found[:, 0], first[:, 0], atol=2e-3, rtol=0)
    torch.testing.assert_close(found[:, 1:], second[:, 1:], atol=2e-3, rtol=0)
    torch.testing.assert_close(take_colours(image, image), image)


def test_matched_luminance_has_mean_and_spread():
    style, content = luminance(picture(1, scale=0.2)), luminance(picture(2, scale=0.2) + 0.2)
    matched = match_luminance(style, content)
    assert matched.mean().item() == pytest.approx(content.mean().item(), abs=1e-3)
    assert matched.std().item() == pytest.approx(content.std().item(), rel=0.01)


def test_nothing_leaves_the_range():
    photo = load_photo("retina", 32)[None]
    for result in (
        match_colours(photo, load_photo("stars", 32)[None]),
        match_luminance(luminance(photo), luminance(-photo)),
        take_colours(photo, -photo),
    ):
        assert result.abs().max() <= 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x: match_colours(x[0], x),
            r"style must have shape \(1, 3, H, W\), got \(3, 4, 4\)",
        ),
        (lambda x: match_colours(x, x[:, :1]), r"content must have shape .*got \(1, 1, 4, 4\)"),
        (lambda x: match_luminance(x.repeat(2, 1, 1, 1), x), r"style must have shape \(1, 3"),
        (lambda x: luminance(x[0]), r"images must have shape \(N, 3, H, W\)"),
        (
            lambda x: take_colours(x, x[..., 1:]),
            r"one shape, got \(1, 3, 4, 4\) and \(1, 3, 4, 3\)",
        ),
    ],
)
def test_bad_pictures(call, message):
    with pytest.raises(ValueError, match=message):
        call(torch.zeros(1, 3, 4, 4))
