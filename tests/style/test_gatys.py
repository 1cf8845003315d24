"""ganbook.style.gatys: its losses by hand, what blends and masks reduce to, refusals."""

import pytest
import torch

from ganbook.models.vgg import load_vgg16
from ganbook.style.gatys import (
    Config,
    Style,
    compute_targets,
    start_image,
    transfer,
    transfer_losses,
)
from ganbook.style.gram import gram_matrix
from ganbook.style.losses import total_variation

SHALLOW = {"content_layers": ("relu2_1",), "style_layers": ("relu1_1", "relu2_1")}
QUICK = Config(**SHALLOW, steps=3)


def picture(seed, height=24, width=32):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=generator) * 2 - 1


@pytest.fixture(scope="module")
def network():
    return load_vgg16("random", "average", torch.Generator().manual_seed(0))


CONTENT, STYLE, OTHER = picture(1), picture(2, 20, 20).sign(), picture(3, 16, 40) / 2


def losses(network, image, styles, config=QUICK):
    return transfer_losses(
        network, image, compute_targets(network, CONTENT, styles, config), config
    )


def test_the_losses_by_hand(network):
    image, config = picture(4), Config(**SHALLOW, content_weight=2, style_weight=3)
    found = losses(network, image, [Style(STYLE)], config)
    layers = ("relu1_1", "relu2_1")
    mine, content, style = (network(x, layers) for x in (image, CONTENT, STYLE))
    far = (mine["relu2_1"] - content["relu2_1"]).square().mean()
    expected_content = far / content["relu2_1"].square().mean()
    terms = []
    for layer in layers:
        gram, target = gram_matrix(mine[layer]), gram_matrix(style[layer])
        terms.append((gram - target).square().mean() / target.square().mean())
    expected_style = sum(terms) / 2
    torch.testing.assert_close(found["content"], expected_content)
    torch.testing.assert_close(found["style"], expected_style)
    torch.testing.assert_close(found["variation"], total_variation(image))
    weighted = 2 * expected_content + 3 * expected_style + 1.0 * total_variation(image)
    torch.testing.assert_close(found["total"], weighted)


def test_content_and_style_are_0_for_the_pictures_themselves(network):
    assert losses(network, CONTENT, [Style(STYLE)])["content"].item() == 0
    assert losses(network, CONTENT, [Style(CONTENT)])["style"].item() == 0


def test_the_targets_carry_no_gradient_and_are_float32(network):
    content = CONTENT.clone().requires_grad_()
    style = STYLE.clone().requires_grad_()
    for precision in ("float32", "bf16"):
        config = Config(**SHALLOW, precision=precision)
        targets = compute_targets(network, content, [Style(style)], config)
        tensors = [*targets.content.values(), *targets.styles[0].grams.values()]
        assert not any(t.requires_grad for t in tensors)
        image = picture(4).requires_grad_()
        transfer_losses(network, image, targets, config)["total"].backward()
        assert image.grad.any() and content.grad is None and style.grad is None
    assert all(p.grad is None for p in network.parameters())


def test_a_small_step_against_the_gradient_lowers_the_loss_by_as_much(network):
    targets = compute_targets(network, CONTENT, [Style(STYLE)], QUICK)
    image = picture(4).requires_grad_()
    before = transfer_losses(network, image, targets, QUICK)["total"]
    (gradient,) = torch.autograd.grad(before, image)
    after = transfer_losses(network, image - 0.1 * gradient, targets, QUICK)["total"]
    assert (before - after).item() == pytest.approx(0.1 * gradient.square().sum().item(), rel=0.1)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_painting_lowers_the_loss(network, optimizer):
    result = transfer(network, CONTENT, STYLE, Config(**SHALLOW, steps=25, optimizer=optimizer))
    total = result.losses["total"]
    assert total[-1] < 0.5 * total[0]
    assert total.max() == total[0] and (total.diff() > 0).float().mean() < 0.4
    assert result.image.shape == CONTENT.shape and result.image.abs().max() <= 1
    assert (
        result.losses["content"][0] == 0 and result.losses["style"][-1] < result.losses["style"][0]
    )


def test_bfloat16_finds_about_the_same(network):
    plain, short = (
        transfer(network, CONTENT, STYLE, Config(**SHALLOW, steps=25, precision=precision))
        for precision in ("float32", "bf16")
    )
    assert short.image.dtype == torch.float32
    torch.testing.assert_close(
        plain.losses["total"][0], short.losses["total"][0], rtol=0.02, atol=0
    )
    assert short.losses["total"][-1] < 0.6 * short.losses["total"][0]


def test_one_picture_is_a_blend_of_one(network):
    plain = transfer(network, CONTENT, STYLE, QUICK)
    blend = transfer(network, CONTENT, [Style(STYLE, 1.0), Style(OTHER, 0.0)], QUICK)
    assert torch.equal(plain.image, blend.image)


def test_a_blends_loss_is_the_weighted_sum(network):
    image = picture(4)
    first, second = (losses(network, image, [Style(x)])["style"] for x in (STYLE, OTHER))
    both = losses(network, image, [Style(STYLE, 0.3), Style(OTHER, 0.7)])["style"]
    torch.testing.assert_close(both, 0.3 * first + 0.7 * second)


def test_a_mask_of_ones_is_no_mask(network):
    mask = torch.ones(1, 1, *CONTENT.shape[2:])
    found = losses(network, picture(4), [Style(STYLE, mask=mask)])
    torch.testing.assert_close(found, losses(network, picture(4), [Style(STYLE)]))
    # Half of everything: the mean is the same, its weight a half.
    half = losses(network, picture(4), [Style(STYLE, mask=mask / 2)])["style"]
    torch.testing.assert_close(half, found["style"] / 2)


def test_a_mask_keeps_its_style_out_of_the_rest(network):
    mask = torch.zeros(1, 1, *CONTENT.shape[2:])
    mask[..., :16] = 1
    image = picture(4).requires_grad_()
    (gradient,) = torch.autograd.grad(
        losses(network, image, [Style(STYLE, mask=mask)])["style"], image
    )
    assert gradient[..., :16].abs().min() > 0
    assert not gradient[..., 16 + 6 :].any()  # relu2_1 sees 8 pixels beyond its place at most


def test_starts(network):
    drawn = [
        start_image(CONTENT, STYLE, "noise", torch.Generator().manual_seed(s)) for s in (0, 0, 1)
    ]
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    assert drawn[0].shape == CONTENT.shape and drawn[0].abs().max() <= 1
    assert start_image(CONTENT, STYLE, "content") is CONTENT
    stretched = start_image(CONTENT, STYLE, "style")
    assert stretched.shape == CONTENT.shape and stretched.abs().max() <= 1
    assert stretched.mean().item() == pytest.approx(STYLE.mean().item(), abs=0.05)
    for start in ("noise", "style"):
        config = Config(**SHALLOW, steps=2, start=start)
        result = transfer(network, CONTENT, STYLE, config, generator=torch.Generator())
        assert result.losses["content"][0] > 0


def test_the_pooling_is_the_networks():
    found = [
        losses(
            load_vgg16("random", pooling, torch.Generator().manual_seed(0)),
            picture(4),
            [Style(STYLE)],
        )
        for pooling in ("max", "average")
    ]
    assert found[0]["style"] != found[1]["style"]


def test_the_trained_networks_losses_have_the_same_size():
    """Its activations are a thousand times those of the random one."""
    found = losses(load_vgg16("edges", "average"), picture(4), [Style(STYLE)])
    assert 0.01 < found["content"] < 100 and 0.01 < found["style"] < 100


MASK = torch.ones(1, 1, *CONTENT.shape[2:])


@pytest.mark.parametrize(
    ("content", "style", "message"),
    [
        (CONTENT[0], STYLE, r"content must have shape \(N, C, H, W\)"),
        (CONTENT * 255, STYLE, r"content must lie in \[-1, 1\]"),
        (CONTENT.repeat(2, 1, 1, 1), STYLE, r"content must be one image \(1, 3, H, W\), got 2"),
        (CONTENT, STYLE[:, :1], "style must have 3 channels, got 1"),
        (CONTENT, [Style(STYLE), Style(STYLE * 3)], r"style 2 must lie in \[-1, 1\]"),
        (CONTENT, [Style(STYLE, -1)], "style's weight must be at least 0, got -1"),
        (CONTENT, [Style(STYLE, float("nan"))], "style's weight must be at least 0, got nan"),
        (CONTENT, [Style(STYLE, 0)], "No style has a weight above 0"),
        (CONTENT, [], "No style has a weight above 0"),
        (
            CONTENT,
            [Style(STYLE, mask=MASK[..., 1:])],
            r"size \(1, 1, 24, 32\), got \(1, 1, 24, 31\)",
        ),
        (CONTENT, [Style(STYLE, mask=MASK * 0)], r"mask must lie in \[0, 1\], and not be 0 every"),
        (CONTENT, [Style(STYLE, mask=MASK * 2)], r"mask must lie in \[0, 1\]"),
        (CONTENT, STYLE[..., :1], "relu2_1 needs images of at least 2 x 2 pixels, got 20 x 1"),
    ],
)
def test_bad_pictures(network, content, style, message):
    with pytest.raises(ValueError, match=message):
        transfer(network, content, style, QUICK)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"style_weight": -1}, "style_weight must not be negative, got -1"),
        ({"content_weight": float("nan")}, "content_weight must not be negative, got nan"),
        ({"start": "black"}, "start is 'black'; accepted are content, noise, style"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"optimizer": "sgd"}, "optimizer is 'sgd'"),
        ({"precision": "half"}, "precision is 'half'"),
    ],
)
def test_bad_configs(options, message):
    with pytest.raises(ValueError, match=message):
        Config(**options)


def test_unknown_layers_are_the_networks_to_refuse(network):
    with pytest.raises(ValueError, match="layers has 'conv9'"):
        transfer(network, CONTENT, STYLE, Config(content_layers=("conv9",)))
    with pytest.raises(TypeError, match="content must be float images"):
        transfer(network, CONTENT.to(torch.uint8), STYLE, QUICK)
