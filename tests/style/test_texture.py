"""ganbook.style.texture: its loss by hand, what it brings about, refusals."""

from dataclasses import replace

import pytest
import torch

from ganbook.data.photos import load_photo
from ganbook.models.vgg import load_vgg16
from ganbook.style.colour import match_colours
from ganbook.style.gram import gram_matrix
from ganbook.style.texture import Config, scatter, synthesise, texture_losses, texture_targets

QUICK = Config(layers=("relu1_1", "pool1", "pool2"), steps=30)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def texture():
    return load_photo("brick", 32)[None]


@pytest.fixture(scope="module")
def network():
    return load_vgg16("random", "average", seeded())


def test_the_loss_by_hand(network, texture):
    image, config = torch.zeros(1, 3, 16, 24), Config(layers=("relu1_1", "pool2"))
    targets = texture_targets(network, texture, config)
    terms = []
    for layer in config.layers:
        target = gram_matrix(network(texture, layer)[layer])
        torch.testing.assert_close(targets[layer], target)
        gram = gram_matrix(network(image, layer)[layer])
        terms.append((gram - target).square().sum() / target.square().sum())
    found = texture_losses(network, image, targets, config)
    torch.testing.assert_close(found["texture"], sum(terms) / 2)
    assert found["variation"] == 0 and found["total"] == found["texture"]
    assert texture_losses(network, texture, targets, config)["texture"].item() == 0


def test_total_has_its_weight(network, texture):
    config = Config(layers=("relu1_1",), variation_weight=2.0)
    found = texture_losses(network, texture, texture_targets(network, texture, config), config)
    torch.testing.assert_close(found["total"], found["texture"] + 2 * found["variation"])


def test_the_targets_carry_no_gradient(network, texture):
    learned = texture.clone().requires_grad_()
    targets = texture_targets(network, learned, QUICK)
    assert not any(t.requires_grad for t in targets.values())


@pytest.mark.parametrize("weights", ["random", "edges"])
def test_noise_takes_on_the_texture(weights, texture):
    network = load_vgg16(weights, "average", seeded())
    result = synthesise(network, texture, config=QUICK, generator=seeded())
    loss = result.losses["texture"]
    assert loss[-1] < 0.1 * loss[0]
    assert result.image.shape == texture.shape and result.image.abs().max() <= 1
    means = result.image.mean(dim=(2, 3)), texture.mean(dim=(2, 3))
    torch.testing.assert_close(*means, atol=0.1, rtol=0)


def test_colours_are_matched_in_the_end(network):
    gray = load_photo("brick", 32)[None].mean(dim=1, keepdim=True).expand(1, 3, 32, 32)
    free, matched = (
        synthesise(network, gray, config=replace(QUICK, match_colours=m), generator=seeded())
        for m in (False, True)
    )
    assert torch.equal(free.losses["total"], matched.losses["total"])
    spread = [image.std(dim=1).mean().item() for image in (free.image, matched.image)]
    assert spread[0] > 0.01 and spread[1] < 0.2 * spread[0]
    assert torch.equal(matched.image, match_colours(free.image, gray))


def test_another_size_and_another_seed(network, texture):
    quick = Config(layers=("relu1_1",), steps=2)
    draw = [
        synthesise(network, texture, (20, 40), quick, generator=seeded(s)).image for s in (0, 0, 1)
    ]
    assert draw[0].shape == (1, 3, 20, 40)
    assert torch.equal(draw[0], draw[1]) and not torch.equal(draw[0], draw[2])


def test_the_callback_sees_each_step(network, texture):
    steps, config = [], Config(layers=("relu1_1",), steps=3, optimizer="adam")
    synthesise(network, texture, config=config, callback=lambda step, *_: steps.append(step))
    assert steps == [1, 2, 3]


def test_scattered_pixels_are_the_textures_and_have_no_layout(texture):
    noise = scatter(texture, (100, 80), seeded())
    assert noise.shape == (1, 3, 100, 80)
    colours, drawn = (set(map(tuple, x[0].flatten(1).T.tolist())) for x in (texture, noise))
    assert drawn <= colours
    torch.testing.assert_close(noise.mean(dim=(2, 3)), texture.mean(dim=(2, 3)), atol=0.02, rtol=0)
    neighbours = [
        torch.corrcoef(torch.stack([x[..., 1:].flatten(), x[..., :-1].flatten()]))[0, 1].item()
        for x in (texture[:, :1], noise[:, :1])
    ]
    assert abs(neighbours[0]) > 0.2 and abs(neighbours[1]) < 0.05


@pytest.mark.parametrize(
    ("change", "size", "message"),
    [
        (lambda t: t[0], None, r"texture must have shape \(N, C, H, W\)"),
        (lambda t: t.repeat(2, 1, 1, 1), None, r"texture must be one image \(1, 3, H, W\), got 2"),
        (lambda t: t * 200, None, r"texture must lie in \[-1, 1\]"),
        (lambda t: t, (0, 5), r"size must be a height and a width of at least 1, got \(0, 5\)"),
        (lambda t: t, (2, 5), "pool2 needs images of at least 4 x 4 pixels, got 2 x 5"),
        (lambda t: t[..., :3], None, "pool2 needs images of at least 4 x 4"),
    ],
)
def test_bad_textures(network, texture, change, size, message):
    with pytest.raises(ValueError, match=message):
        synthesise(network, change(texture), size, QUICK)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variation_weight": -1}, "variation_weight must not be negative, got -1"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"precision": "half"}, "precision is 'half'"),
    ],
)
def test_bad_configs(options, message):
    with pytest.raises(ValueError, match=message):
        Config(**options)
