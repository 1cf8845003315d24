"""ganbook.style.fast: the step written out, who moves, exact resumption, painting of any size."""

from dataclasses import replace

import pytest
import torch

from ganbook.data.photo_crops import PhotoCrops
from ganbook.data.stream import BatchStream
from ganbook.models.resnet_generator import ResidualBlock
from ganbook.models.transformer_net import TransformerNet
from ganbook.models.vgg import load_vgg16
from ganbook.runtime import seed_everything
from ganbook.style import fast
from ganbook.style.colour import match_colours
from ganbook.style.gatys import Config as GatysConfig
from ganbook.style.gatys import Style, compute_targets, transfer_losses
from ganbook.style.gram import gram_matrix
from ganbook.style.losses import total_variation
from ganbook.style.palette import colour_moments, light_loss, palette_loss
from ganbook.training.checkpoint import load_checkpoint, save_checkpoint
from ganbook.training.fit import fit
from tests.steps import check_equal_to_the_bit, moved, saved_parts, weights

SHALLOW = {"content_layers": ("relu2_1",), "style_layers": ("relu1_1", "relu2_1")}
SMALL = fast.Config(width=4, blocks=1, **SHALLOW, warmup_steps=1, steps=10)


def uniform(*shape, seed=1):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


STYLE, PHOTOS = uniform(1, 3, 20, 28, seed=2).sign(), uniform(3, 3, 16, 16)


@pytest.fixture(scope="module")
def vgg():
    return load_vgg16("random", "average", torch.Generator().manual_seed(0))


def made(vgg, config=SMALL, seed=0):
    seed_everything(seed)
    return fast.build(config, STYLE, vgg)


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_metrics_and_who_moves(vgg, precision):
    state = made(vgg, replace(SMALL, precision=precision))
    before, fixed = weights(state.network), weights(vgg)
    for _ in range(2):  # the blocks start as the identity: at first only their last scale moves
        metrics = fast.step(state, (PHOTOS, torch.arange(3)))
    assert list(metrics) == ["loss", *fast.PARTS]
    for value in metrics.values():
        assert value.shape == () and value.dtype == torch.float32
        assert not value.requires_grad and value.isfinite()
    assert moved(state.network, before, least_ndim=2)
    assert not moved(vgg, fixed) and all(p.grad is None for p in vgg.parameters())
    assert state.step == 0  # counting is fit's task


def test_one_step_equals_the_same_step_written_out(vgg):
    config = replace(SMALL, content_weight=2.0, style_weight=3.0, variation_weight=0.5)
    config = replace(config, warmup_steps=12)
    state, peer = made(vgg, config), made(vgg, config).network
    state.step = 5
    metrics = fast.step(state, (PHOTOS,))

    optimizer = torch.optim.Adam(peer.parameters(), lr=1e-3 / 2 * 6 / 12)  # of both: half way
    painted = peer(PHOTOS)
    mine = vgg(painted, ("relu1_1", "relu2_1"))
    kept = torch.cat([match_colours(photo, STYLE) for photo in PHOTOS.split(1)])
    wanted = vgg(kept, "relu2_1")["relu2_1"]
    content = (mine["relu2_1"] - wanted).square().mean() / wanted.square().mean()
    style = 0
    for layer, features in vgg(STYLE, ("relu1_1", "relu2_1")).items():
        target = gram_matrix(features)
        differences = (gram_matrix(mine[layer]) - target).square().mean()  # an image, a matrix
        style = style + differences / target.square().mean() / 2
    variation = total_variation(painted)
    palette, light = palette_loss(painted, colour_moments(STYLE)), light_loss(painted, PHOTOS)
    loss = 2 * content + 3 * style + 0.5 * variation + 3 * palette + light
    loss.backward()
    optimizer.step()

    expected = {"loss": loss, "content": content, "style": style, "variation": variation}
    expected |= {"palette": palette, "light": light}
    torch.testing.assert_close(metrics, {k: v.detach() for k, v in expected.items()})
    for mine, other in zip(state.network.parameters(), peer.parameters()):
        if mine.ndim == 4:  # a bias before a normalisation has rounding errors for a gradient
            torch.testing.assert_close(mine, other)


def test_an_images_losses_are_those_of_the_slow_method(vgg):
    state, painted = made(vgg), uniform(1, 3, 16, 16, seed=5)
    config = replace(SMALL, palette_weight=0.0, light_weight=0.0, recolour=False)
    found = fast.painting_losses(state.teacher, PHOTOS[:1], painted, config)
    slow = GatysConfig(
        **SHALLOW, style_weight=SMALL.style_weight, variation_weight=SMALL.variation_weight
    )
    targets = compute_targets(vgg, PHOTOS[:1], [Style(STYLE)], slow)
    expected = transfer_losses(vgg, painted, targets, slow)
    torch.testing.assert_close(found["loss"], expected["total"])
    for name in ("content", "style", "variation"):
        torch.testing.assert_close(found[name], expected[name])


def test_a_batchs_style_is_the_mean_of_its_images(vgg):
    state = made(vgg)
    painted = uniform(3, 3, 16, 16, seed=5)
    together = fast.painting_losses(state.teacher, PHOTOS, painted, SMALL)["style"]
    alone = [
        fast.painting_losses(state.teacher, photo[None], image[None], SMALL)["style"]
        for photo, image in zip(PHOTOS, painted)
    ]
    torch.testing.assert_close(together, torch.stack(alone).mean())


def test_the_start_is_gray_and_its_blocks_do_nothing(vgg):
    network = made(vgg, replace(SMALL, blocks=2)).network
    assert network(PHOTOS).std() < 0.5
    blocks = [layer for layer in network.layers if isinstance(layer, ResidualBlock)]
    h = uniform(2, 16, 4, 4)
    assert len(blocks) == 2 and all(torch.equal(block(h), h) for block in blocks)


def test_it_learns(vgg):
    state = made(vgg, replace(SMALL, width=8, learning_rate=1e-2, steps=60))
    metrics = [fast.step(state, (PHOTOS,)) for _ in range(60)]
    assert 0 < metrics[-1]["loss"] < 0.75 * metrics[0]["loss"]
    assert metrics[-1]["style"] < 0.75 * metrics[0]["style"]


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_ten_steps_are_five_and_a_resume_and_five(vgg, precision, tmp_path):
    config = replace(SMALL, precision=precision)

    def run(steps, seed=0):
        state = made(vgg, config, seed)
        batches = BatchStream(PhotoCrops(20, 16, photos=[uniform(3, 30, 40)]), 3, seed=seed)
        fit(state, fast.step, batches, steps)
        return state, batches

    whole, whole_batches = run(10)
    noise_after = torch.randn(3)
    half, half_batches = run(5)
    save_checkpoint(tmp_path / "half.pt", half, half_batches)
    torch.rand(100), next(half_batches)  # what happens after the save must not matter
    resumed, batches = run(2, seed=1234)
    load_checkpoint(tmp_path / "half.pt", resumed, batches)
    fit(resumed, fast.step, batches, 10)

    assert {"network", "optimizer", "history"} <= set(saved_parts(whole))
    check_equal_to_the_bit(resumed, whole)
    assert resumed.step == 10 and batches.state_dict() == whole_batches.state_dict()
    assert torch.equal(torch.randn(3), noise_after)
    assert torch.equal(resumed.stylize(PHOTOS), whole.stylize(PHOTOS))
    assert (tmp_path / "half.pt").stat().st_size < 1e6  # VGG's 59 MB are left out


def test_any_sides_are_painted_and_none_in_the_light_of_another(vgg):
    state = made(vgg)
    photos = uniform(2, 3, 17, 23)
    painted = state.stylize(photos)
    assert painted.shape == photos.shape and painted.abs().max() <= 1
    assert not painted.requires_grad and state.network.training
    torch.testing.assert_close(state.stylize(photos[1:]), painted[1:])
    even = uniform(1, 3, 16, 24)
    torch.testing.assert_close(state.stylize(even), state.network(even).detach())


@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 1, 16, 16), (1, 3, 7, 16)])
def test_images_that_cannot_be_painted(shape):
    with pytest.raises(ValueError, match=r"images must be \(N, 3, H, W\), 8 x 8 or more, got"):
        fast.stylize(TransformerNet(2, 0), torch.zeros(shape))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"style_weight": -1.0}, "style_weight must not be negative, got -1.0"),
        ({"variation_weight": float("nan")}, "variation_weight must not be negative, got nan"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"warmup_steps": 0}, "warmup_steps must be at least 1, got 0"),
        ({"precision": "half"}, "precision is 'half'"),
    ],
)
def test_bad_configs(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **changes)


def test_bad_styles_and_layers(vgg):
    with pytest.raises(ValueError, match=r"style must be one image \(1, 3, H, W\), got 2"):
        fast.build(SMALL, STYLE.expand(2, -1, -1, -1), vgg)
    with pytest.raises(ValueError, match=r"style must lie in \[-1, 1\]"):
        fast.build(SMALL, 255 * STYLE, vgg)
    with pytest.raises(ValueError, match="layers has 'relu9_1'"):
        fast.build(replace(SMALL, style_layers=("relu9_1",)), STYLE, vgg)
    with pytest.raises(ValueError, match="layers has 'relu9_2'"):
        fast.build(replace(SMALL, content_layers=("relu9_2",)), STYLE, vgg)
