"""ganbook.style.arbitrary: the step written out, who moves, exact resumption, painting."""

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import avg_pool2d, pad

from ganbook.data.paintings import load_painting
from ganbook.data.photo_crops import PhotoCrops
from ganbook.data.photos import load_photo
from ganbook.data.unpaired import UnpairedStream
from ganbook.models.adain_decoder import HELD_OUT_PAINTINGS
from ganbook.models.vgg import load_vgg16
from ganbook.runtime import seed_everything
from ganbook.style import arbitrary
from ganbook.style.colour import match_colours
from ganbook.style.palette import colour_moments, palette_loss
from ganbook.training.checkpoint import load_checkpoint, save_checkpoint
from ganbook.training.fit import fit
from tests.steps import check_equal_to_the_bit, moved, saved_parts, weights

CONFIG = arbitrary.Config(warmup_steps=1, steps=10)


def uniform(*shape, seed=1):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


PHOTOS, STYLES = uniform(4, 3, 16, 16), uniform(4, 3, 16, 16, seed=2).sign() / 2


@pytest.fixture(scope="module")
def vgg():
    return load_vgg16("random", generator=torch.Generator().manual_seed(0))


def made(vgg, config=CONFIG, seed=0):
    seed_everything(seed)
    return arbitrary.build(config, vgg, PHOTOS)


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_metrics_and_who_moves(vgg, precision):
    state = made(vgg, replace(CONFIG, precision=precision))
    before, fixed = weights(state.network), weights(vgg)
    scale = state.network.scale.clone()
    metrics = arbitrary.step(state, (PHOTOS, STYLES))
    assert list(metrics) == ["loss", *arbitrary.PARTS]
    for value in metrics.values():
        assert value.shape == () and value.dtype == torch.float32
        assert not value.requires_grad and value.isfinite()
    assert moved(state.network, before)
    assert not moved(vgg, fixed) and all(p.grad is None for p in vgg.parameters())
    assert torch.equal(state.network.scale, scale)
    assert state.step == 0  # counting is fit's task


def statistics(x):
    return x.mean((2, 3)), (x.var((2, 3), correction=0) + 1e-5).sqrt()  # some channels are all 0


def test_one_step_equals_the_same_step_written_out(vgg):
    config = replace(CONFIG, content_weight=2.0, style_weight=5.0, copy_weight=0.5)
    config = replace(config, warmup_steps=12, palette_weight=0.7)
    state, peer = made(vgg, config), made(vgg, config).network
    state.step = 5
    metrics = arbitrary.step(state, (PHOTOS, STYLES))

    optimizer = torch.optim.Adam(peer.parameters(), lr=1e-3 / 2 * 6 / 12)  # of both: half way
    layers = ("relu1_1", "relu2_1", "relu3_1")
    given = torch.cat([match_colours(PHOTOS[i : i + 1], STYLES[i : i + 1]) for i in range(4)])
    photos, styles = vgg(given, layers), vgg(STYLES, layers)
    x, y = photos["relu3_1"], styles["relu3_1"]
    mean, deviation, new_mean, new_deviation = (
        v[..., None, None] for v in (*statistics(x), *statistics(y))
    )
    target = new_deviation * (x - mean) / deviation + new_mean
    colours = avg_pool2d(given, 4)
    painted, copied = peer(target, colours), peer(x[:1], colours[:1])
    found = vgg(painted, layers, check=False)
    content = (found["relu3_1"] - target).square().mean() / target.square().mean()
    style = 0
    for layer in layers:
        pairs = zip(statistics(found[layer]), statistics(styles[layer]))
        differences = sum((a - b).square().mean() for a, b in pairs)
        style = style + differences / styles[layer].square().mean() / 3
    palette = palette_loss(painted, colour_moments(STYLES))
    copy = (copied - given[:1]).abs().mean()
    loss = 2 * content + 5 * style + 0.7 * palette + 0.5 * copy
    loss.backward()
    optimizer.step()

    expected = {"loss": loss, "content": content, "style": style, "palette": palette, "copy": copy}
    expected = {k: v.detach() for k, v in expected.items()}
    torch.testing.assert_close(metrics, expected)
    torch.testing.assert_close(state.network.state_dict(), peer.state_dict())


def test_the_scale_is_the_features_root_mean_square(vgg):
    scaled = vgg(PHOTOS, "relu3_1")["relu3_1"] / made(vgg).network.scale
    assert scaled.square().mean().item() == pytest.approx(1, rel=1e-4)


def test_it_learns(vgg):
    state = made(vgg, replace(CONFIG, steps=100))
    metrics = [arbitrary.step(state, (PHOTOS, STYLES)) for _ in range(25)]
    assert 0 < metrics[-1]["loss"] < 0.9 * metrics[0]["loss"]
    assert 0 < metrics[-1]["style"] < 0.75 * metrics[0]["style"]


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_ten_steps_are_five_and_a_resume_and_five(vgg, precision, tmp_path):
    config = replace(CONFIG, precision=precision)

    def run(steps, seed=0):
        state = made(vgg, config, seed)
        crops = (PhotoCrops(20, 16, s, [uniform(3, 30, 40, seed=s)]) for s in (0, 1))
        batches = UnpairedStream(*crops, 2, seed=seed)
        fit(state, arbitrary.step, batches, steps)
        return state, batches

    whole, whole_batches = run(10)
    noise_after = torch.randn(3)
    half, half_batches = run(5)
    save_checkpoint(tmp_path / "half.pt", half, half_batches)
    torch.rand(100), next(half_batches)  # what happens after the save must not matter
    resumed, batches = run(2, seed=1234)
    load_checkpoint(tmp_path / "half.pt", resumed, batches)
    fit(resumed, arbitrary.step, batches, 10)

    assert {"network", "optimizer", "history"} <= set(saved_parts(whole))
    check_equal_to_the_bit(resumed, whole)
    assert resumed.step == 10 and batches.state_dict() == whole_batches.state_dict()
    assert torch.equal(torch.randn(3), noise_after)
    painted = resumed.stylize(PHOTOS, STYLES[:1])
    assert torch.equal(painted, whole.stylize(PHOTOS, STYLES[:1]))
    assert (tmp_path / "half.pt").stat().st_size < 8e6  # VGG's 59 MB are left out


def test_any_sides_one_style_or_many_and_none_in_the_light_of_another(vgg):
    state = made(vgg)
    photos, style = uniform(2, 3, 17, 23), uniform(2, 3, 12, 31, seed=2)
    painted = state.stylize(photos, style)
    assert painted.shape == photos.shape and painted.abs().max() <= 1
    assert not painted.requires_grad
    torch.testing.assert_close(state.stylize(photos[1:], style[1:]), painted[1:])
    one = state.stylize(photos, style[1:])
    torch.testing.assert_close(one[1:], painted[1:])
    assert not torch.allclose(one[:1], painted[:1])


def test_strength(vgg):
    stylizer = made(vgg).stylizer
    wider = pad(PHOTOS, (12, 12, 12, 12), mode="reflect")
    plain = stylizer.decoder(vgg(wider, "relu3_1")["relu3_1"], avg_pool2d(wider, 4))
    plain = plain[..., 12:28, 12:28].clamp(-1, 1)
    torch.testing.assert_close(stylizer.stylize(PHOTOS, STYLES, 0.0), plain)
    same = stylizer.stylize(PHOTOS, wider)  # a photo is its own style, but for the colours' margin
    assert (same - plain).abs().mean() < 0.03 < (same - PHOTOS).abs().mean()
    far = [(stylizer.stylize(PHOTOS, STYLES, s) - plain).abs().mean() for s in (0.2, 0.6, 1.0)]
    assert 0 < far[0] < far[1] < far[2]
    with pytest.raises(ValueError, match=r"strength must lie in \[0, 1\], got 1.5"):
        stylizer.stylize(PHOTOS, STYLES, 1.5)


def test_the_shipped_pair_paints_in_styles_it_has_not_seen():
    stylizer = arbitrary.load_adain_stylizer()
    assert not any(p.requires_grad for p in stylizer.decoder.parameters())
    photos = torch.stack([load_photo(name, 96) for name in ("cat", "flower")])
    for name in HELD_OUT_PAINTINGS:
        style = load_painting(name, 96)[None]
        painted = stylizer.stylize(photos, style)
        assert painted.shape == photos.shape and painted.abs().max() <= 1
        before, after = (
            arbitrary.style_distance(
                stylizer.describer(images, CONFIG.style_layers),
                stylizer.describer(style, CONFIG.style_layers),
            )
            for images in (photos, painted)
        )
        assert 0 < after < 0.5 * before
        # What is in the photo is still there: its own painting is the nearest.
        found, wanted = (stylizer.describer(x, "relu3_1")["relu3_1"] for x in (painted, photos))
        found, wanted = ((f - f.mean((2, 3), keepdim=True)).flatten(1) for f in (found, wanted))
        likeness = torch.nn.functional.cosine_similarity(found[:, None], wanted[None], dim=2)
        assert (likeness.diagonal() > 1.5 * likeness.flip(1).diagonal().clamp(min=0.05)).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"copy_weight": -1.0}, "copy_weight must not be negative, got -1.0"),
        ({"style_weight": float("nan")}, "style_weight must not be negative, got nan"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"warmup_steps": 0}, "warmup_steps must be at least 1, got 0"),
        ({"precision": "half"}, "precision is 'half'"),
    ],
)
def test_bad_configs(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(CONFIG, **changes)


def test_bad_input(vgg):
    with pytest.raises(ValueError, match="layers has 'relu9_1'"):
        made(vgg, replace(CONFIG, style_layers=("relu9_1",)))
    stylizer = made(vgg).stylizer
    with pytest.raises(ValueError, match=r"content must lie in \[-1, 1\]"):
        stylizer.stylize(3 * PHOTOS, STYLES)
    with pytest.raises(ValueError, match=r"content must be 8 x 8 or more, got \(4, 3, 7, 16\)"):
        stylizer.stylize(PHOTOS[:, :, :7], STYLES)
    with pytest.raises(ValueError, match="style must be 1 image or 4, got 2"):
        stylizer.stylize(PHOTOS, STYLES[:2])
    with pytest.raises(ValueError, match="content must have 3 channels"):
        stylizer.stylize(PHOTOS[:, :1], STYLES)
