"""ganbook.style.coarse_to_fine: one scale is plain transfer; sizes, steps, masks, refusals."""

from dataclasses import replace

import pytest
import torch

from ganbook.data.photos import load_photo
from ganbook.models.vgg import load_vgg16
from ganbook.style import coarse_to_fine, texture
from ganbook.style.coarse_to_fine import (
    resize,
    scaled,
    synthesise_coarse_to_fine,
    transfer_coarse_to_fine,
)
from ganbook.style.gatys import Config, Style, transfer
from ganbook.style.optimise import optimise

LAYERS = {"content_layers": ("relu2_1",), "style_layers": ("relu1_1", "relu2_1")}
QUICK = Config(**LAYERS, steps=5)


def picture(seed, height=24, width=33):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=generator) * 2 - 1


CONTENT, STYLE = picture(1), picture(2, 20, 20).sign()


@pytest.fixture(scope="module")
def network():
    return load_vgg16("random", "average", torch.Generator().manual_seed(0))


@pytest.fixture
def runs(monkeypatch):
    """Each scale's start and steps, as they are given to ``optimise``."""
    given = []

    def remember(image, loss, steps, *rest):
        given.append((tuple(image.shape[2:]), steps, image.clone()))
        return optimise(image, loss, steps, *rest)

    monkeypatch.setattr(coarse_to_fine, "optimise", remember)
    return given


@pytest.mark.parametrize("start", ["content", "noise", "style"])
def test_one_scale_is_transfer_itself(network, start):
    config, mask = replace(QUICK, start=start), torch.ones(1, 1, 24, 33)
    mask[..., 10:] = 0.5
    for style in (STYLE, [Style(STYLE, 0.4, mask), Style(CONTENT, 0.6)]):
        plain, scales = (
            paint(network, CONTENT, style, config, generator=torch.Generator().manual_seed(3))
            for paint in (transfer, lambda *a, **k: transfer_coarse_to_fine(*a, scales=(1,), **k))
        )
        assert torch.equal(plain.image, scales.image)
        assert all(torch.equal(plain.losses[k], scales.losses[k]) for k in plain.losses)


def test_each_scale_goes_on_with_the_one_before(network, runs):
    result = transfer_coarse_to_fine(network, CONTENT, STYLE, QUICK, (0.25, 0.5, 1.0))
    assert [run[:2] for run in runs] == [((6, 8), 2), ((12, 16), 2), ((24, 33), 1)]
    assert torch.equal(runs[0][2], resize(CONTENT, (6, 8)))
    assert result.image.shape == CONTENT.shape and result.image.abs().max() <= 1
    assert all(values.shape == (5,) for values in result.losses.values())
    # The second one starts with the first one's end, not with the content.
    assert (runs[1][2] - resize(CONTENT, (12, 16))).abs().mean() > 0.005


def test_the_start_is_on_the_way(network):
    """What was painted small spares steps at the full size, where they are dear."""
    content, style = load_photo("cat", 48)[None], load_photo("temple", 48)[None]
    config = replace(QUICK, steps=40, style_weight=30)
    start = transfer(network, content, style, config).losses["total"][0]
    losses = transfer_coarse_to_fine(network, content, style, config).losses["total"]
    assert losses[20] < 0.7 * start
    assert losses[-1] < losses[20]


def test_the_callback_counts_on_and_sees_the_full_size(network):
    seen = []
    result = transfer_coarse_to_fine(
        network, CONTENT, STYLE, QUICK, callback=lambda *told: seen.append(told)
    )
    assert [step for step, _, _ in seen] == [1, 2, 3, 4, 5]
    assert all(image.shape == CONTENT.shape and image.abs().max() <= 1 for _, image, _ in seen)
    assert torch.equal(seen[-1][1], result.image)
    assert [told["total"].item() for _, _, told in seen] == result.losses["total"].tolist()


def test_masks_shrink_with_the_picture(network):
    mask = torch.zeros(1, 1, 24, 33)
    mask[..., :16] = 1
    config = replace(QUICK, content_weight=0, variation_weight=0)
    image = transfer_coarse_to_fine(network, CONTENT, [Style(STYLE, mask=mask)], config).image
    moved = (image - resize(resize(CONTENT, (12, 16)), (24, 33))).abs().mean(dim=(0, 1, 2))
    assert moved[:14].min() > 0.01 and moved[28:].max() == 0


def test_sizes():
    assert scaled((24, 33), 0.5) == (12, 16) and scaled((3, 500), 0.1) == (1, 50)
    image = picture(4)
    assert resize(image, (24, 33)) is image
    small = resize(image, (12, 16))
    assert small.shape == (1, 3, 12, 16) and small.abs().max() <= 1
    assert small.mean().item() == pytest.approx(image.mean().item(), abs=0.02)
    torch.testing.assert_close(
        resize(torch.full((1, 3, 8, 8), 0.3), (16, 4)).unique().mean().item(), 0.3
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scales": ()}, r"scales must rise from above 0 to 1, got \(\)"),
        ({"scales": (0.5,)}, r"scales must rise from above 0 to 1, got \(0.5,\)"),
        ({"scales": (0.5, 0.25, 1)}, r"scales must rise from above 0 to 1"),
        ({"scales": (0, 1)}, r"scales must rise from above 0 to 1"),
        (
            {"config": replace(QUICK, steps=1)},
            "steps must be at least 2, one for each scale, got 1",
        ),
        ({"content": CONTENT[0]}, r"content must have shape \(N, C, H, W\)"),
        ({"style": STYLE * 3}, r"style must lie in \[-1, 1\]"),
        ({"style": []}, "No style has a weight above 0"),
        ({"scales": (0.05, 1)}, "relu2_1 needs images of at least 2 x 2 pixels, got 1 x 2"),
    ],
)
def test_bad_input(network, arguments, message):
    given = {"content": CONTENT, "style": STYLE, "config": QUICK, **arguments}
    with pytest.raises(ValueError, match=message):
        transfer_coarse_to_fine(network, **given)


TEXTURE = texture.Config(layers=("relu1_1", "pool1", "pool2"), steps=7)


def seeded():
    return torch.Generator().manual_seed(0)


def test_one_scale_of_a_texture_is_plain_synthesis(network):
    plain = texture.synthesise(network, STYLE, (16, 24), TEXTURE, generator=seeded())
    scales = synthesise_coarse_to_fine(network, STYLE, (16, 24), TEXTURE, (1,), generator=seeded())
    assert torch.equal(plain.image, scales.image)
    assert torch.equal(plain.losses["texture"], scales.losses["texture"])


def test_a_texture_grows_scale_by_scale(network):
    seen = []
    result = synthesise_coarse_to_fine(
        network,
        STYLE,
        (32, 40),
        TEXTURE,
        callback=lambda step, image, losses: seen.append((step, tuple(image.shape[2:]))),
        generator=seeded(),
    )
    assert seen == [(step, (32, 40)) for step in range(1, 8)]
    assert result.image.shape == (1, 3, 32, 40) and result.image.abs().max() <= 1
    assert all(values.shape == (7,) for values in result.losses.values())
    again = synthesise_coarse_to_fine(network, STYLE, (32, 40), TEXTURE, generator=seeded())
    assert torch.equal(result.image, again.image)


def test_large_structures_are_found_at_a_small_size(network):
    """Stripes 24 pixels wide: wider than what the layers see."""
    wave = torch.linspace(0, 8 * torch.pi, 96).sin().expand(1, 3, 96, 96)
    config = replace(TEXTURE, steps=60)

    def swing(image):
        """How strong the stripes' own frequency is, both ways."""
        spectrum = torch.fft.fft2(image[0].mean(dim=0)).abs()
        return max(spectrum[0, 4].item(), spectrum[4, 0].item()) / (96 * 96 / 2)

    plain = texture.synthesise(network, wave, config=config, generator=seeded()).image
    scales = synthesise_coarse_to_fine(network, wave, config=config, generator=seeded()).image
    assert swing(wave) == pytest.approx(1, abs=0.1)
    assert swing(scales) > 1.5 * swing(plain)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image": STYLE[0]}, r"texture must have shape \(N, C, H, W\)"),
        ({"size": (0, 8)}, "size must be a height and a width of at least 1, got"),
        ({"scales": (1, 0.5)}, "scales must rise from above 0 to 1"),
        ({"config": replace(TEXTURE, steps=2)}, "steps must be at least 3, one for each scale"),
        ({"scales": (0.1, 1)}, "pool2 needs images of at least 4 x 4"),
    ],
)
def test_bad_textures(network, arguments, message):
    given = {"image": STYLE, "size": (20, 20), "config": TEXTURE, **arguments}
    with pytest.raises(ValueError, match=message):
        synthesise_coarse_to_fine(network, **given)
