"""ganbook.gans.srgan: who moves when, the step written out, exact resumption, enlarging."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.utils.data import TensorDataset

from ganbook.data.resolution import enlarge, shrink
from ganbook.data.stream import BatchStream
from ganbook.gans import srgan
from ganbook.models.vgg import VGG, load_vgg16
from ganbook.runtime import seed_everything
from ganbook.style.losses import relative_error
from ganbook.training.checkpoint import load_checkpoint, save_checkpoint
from ganbook.training.fit import fit
from tests.steps import check_equal_to_the_bit, check_turns, moved, weights

SMALL = srgan.Config(
    size=16,
    width=4,
    blocks=1,
    discriminator_width=4,
    discriminator_layers=1,
    adversarial_weight=0.1,
    ema_half_life=50,
)
PERCEPTUAL = replace(SMALL, perceptual_weight=0.3, perceptual_layers=("relu1_1",))


@pytest.fixture(scope="module")
def describer() -> VGG:
    return load_vgg16("random", generator=torch.Generator().manual_seed(0))


def made(config=SMALL, describer=None, seed=0):
    seed_everything(seed)
    state = srgan.build(config, describer=describer)
    torch.nn.init.normal_(state.generator.last.weight, std=0.05)  # it starts at 0
    return state


def photos(n=4):
    return (torch.rand(n, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1,)


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_metrics_are_detached_finite_scalars(precision, describer):
    state = made(replace(PERCEPTUAL, precision=precision), describer)
    metrics = srgan.step(state, photos())
    assert list(metrics) == ["d_loss", "d_real", "d_fake", "pixel", "perceptual", "g_loss"]
    for value in metrics.values():
        assert value.shape == () and value.dtype == torch.float32 and not value.requires_grad
        assert math.isfinite(value)
    assert metrics["d_loss"].item() == pytest.approx(math.log(2), abs=0.15)
    # Noise: a block's mean keeps 1/16 of the variance 1/3, so the error is at least 15/16 of it.
    assert 15 / 48 < metrics["pixel"].item() < 0.5
    assert 0.1 < metrics["perceptual"].item() < 1


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_each_part_of_the_step_moves_its_own_network(precision, monkeypatch):
    state = made(replace(SMALL, precision=precision))
    check_turns(state, srgan.step, photos(), monkeypatch)


def test_without_a_gan_the_discriminator_is_never_asked():
    state = made(replace(SMALL, adversarial_weight=0.0, pixel_weight=2.0))
    before_g, before_d = weights(state.generator), weights(state.discriminator)
    state.discriminator.register_forward_hook(lambda *_: pytest.fail("asked"))
    metrics = srgan.step(state, photos())
    assert list(metrics) == ["pixel", "g_loss"]
    torch.testing.assert_close(metrics["g_loss"], 2 * metrics["pixel"])
    assert moved(state.generator, before_g) and not moved(state.discriminator, before_d)


def test_one_step_equals_the_same_step_written_out(describer):
    config = replace(PERCEPTUAL, pixel_weight=0.7, learning_rate=0.01)
    state, peer = made(config, describer), made(config, describer)
    (real,) = photos()
    metrics = srgan.step(state, (real,))

    g, d = peer.generator, peer.discriminator[1]
    d_optimizer = torch.optim.Adam(d.parameters(), lr=0.01, betas=(0.9, 0.999))
    g_optimizer = torch.optim.Adam(g.parameters(), lr=0.01, betas=(0.9, 0.999))
    fake = g(shrink(real, 4))
    real_logits, fake_logits = d(real), d(fake.detach())
    ones, zeros = torch.ones_like(real_logits), torch.zeros_like(real_logits)
    d_loss = (bce(real_logits, ones) + bce(fake_logits, zeros)) / 2
    d_loss.backward()
    d_optimizer.step()
    pixel = (fake - real).square().mean()
    features = (describer(x, "relu1_1", check=False)["relu1_1"] for x in (fake, real))
    perceptual = relative_error(*features)
    g_loss = 0.7 * pixel + 0.3 * perceptual + 0.1 * bce(d(fake), ones)
    g_loss.backward()
    g_optimizer.step()

    expected = {
        "d_loss": d_loss.detach(),
        "d_real": real_logits.detach().sigmoid().mean(),
        "d_fake": fake_logits.detach().sigmoid().mean(),
        "pixel": pixel.detach(),
        "perceptual": perceptual.detach(),
        "g_loss": g_loss.detach(),
    }
    torch.testing.assert_close(metrics, expected)
    torch.testing.assert_close(state.generator.state_dict(), g.state_dict())
    torch.testing.assert_close(state.discriminator[1].state_dict(), d.state_dict())


def test_the_discriminator_sees_pictures_moved_and_the_pixels_are_compared_unmoved():
    state = made(replace(SMALL, shift=3))
    seen = []
    state.discriminator[1].register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    (real,) = photos()
    metrics = srgan.step(state, (real,))
    assert len(seen) == 3 and not torch.equal(seen[0], real)
    plain = srgan.step(made(SMALL), (real,))
    torch.testing.assert_close(metrics["pixel"], plain["pixel"])


def test_the_rate_is_kept_for_half_of_the_run_and_falls_to_0():
    state, rates = made(replace(SMALL, steps=8, learning_rate=0.4)), []
    for _ in range(9):
        before = weights(state.generator)
        srgan.step(state, photos())
        optimizers = (state.generator_optimizer, state.discriminator_optimizer)
        (rate,) = {optimizer.param_groups[0]["lr"] for optimizer in optimizers}
        rates.append(rate)
        state.step += 1
    assert rates == pytest.approx([0.4] * 5 + [0.3, 0.2, 0.1, 0.0])
    assert not moved(state.generator, before)  # at rate 0


def test_bf16_stays_near_float32(describer):
    results = {}
    for precision in ("float32", "bf16"):
        state = made(replace(PERCEPTUAL, precision=precision), describer)
        results[precision] = srgan.step(state, photos())
        assert all(p.dtype == torch.float32 for p in state.generator.parameters())
    torch.testing.assert_close(results["bf16"], results["float32"], atol=0.03, rtol=0.02)
    assert results["bf16"]["d_loss"] != results["float32"]["d_loss"]


def run(config, steps, describer, seed=0):
    state = made(config, describer, seed)
    batches = BatchStream(TensorDataset(*photos(20)), batch_size=6, seed=seed)
    fit(state, srgan.step, batches, steps)
    return state, batches


@pytest.mark.parametrize(
    "config",
    [
        SMALL,
        PERCEPTUAL,
        replace(SMALL, precision="bf16", shift=3, steps=10),
        replace(SMALL, adversarial_weight=0.0, ema_half_life=0),
    ],
)
def test_ten_steps_are_five_and_a_resume_and_five(config, tmp_path, describer):
    whole, whole_batches = run(config, 10, describer)
    half, half_batches = run(config, 5, describer)
    save_checkpoint(tmp_path / "half.pt", half, half_batches)
    assert (tmp_path / "half.pt").stat().st_size < 300_000  # without VGG
    torch.rand(100), next(half_batches)  # what happens after the save must not matter
    resumed, batches = run(config, 2, describer, seed=1234)
    load_checkpoint(tmp_path / "half.pt", resumed, batches)
    fit(resumed, srgan.step, batches, 10)

    check_equal_to_the_bit(resumed, whole)
    assert batches.state_dict() == whole_batches.state_dict()
    small = shrink(*photos(3))
    assert torch.equal(resumed.enlarge(small), whole.enlarge(small))


@pytest.mark.parametrize("half_life", [50, 0])
def test_enlarging_is_deterministic_and_judges_each_image_alone(half_life):
    state = made(replace(SMALL, ema_half_life=half_life))
    srgan.step(state, photos())
    small = shrink(*photos())
    whole = state.enlarge(small)
    assert whole.shape == (4, 3, 16, 16) and whole.dtype == torch.float32
    assert not whole.requires_grad and whole.abs().max() <= 1
    torch.testing.assert_close(state.enlarge(small, batch_size=3), whole)
    torch.testing.assert_close(state.enlarge(small[:1]), whole[:1])
    assert state.enlarge(small[..., :3]).shape == (4, 3, 16, 12)  # any size
    assert state.generator.training


def test_an_untrained_network_is_bicubic():
    small = shrink(*photos())
    state = srgan.build(replace(SMALL, factor=2))
    torch.testing.assert_close(state.enlarge(small), enlarge(small, 2).clamp(-1, 1))


def test_defaults_are_the_papers():
    config = srgan.Config()
    assert (config.factor, config.size, config.width, config.blocks) == (4, 96, 64, 16)
    assert (config.adversarial_weight, config.learning_rate, config.beta1) == (1e-3, 1e-4, 0.9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"adversarial_weight": 0.0, "pixel_weight": 0.0}, "one must be above 0; got pixel_weight"),
        ({"pixel_weight": -1.0}, "No weight may be negative.*pixel_weight -1"),
        ({"size": 18}, r"size is 18; it must be a multiple of 4 \(factor\)"),
        ({"discriminator_layers": 2}, r"at least 34 \(discriminator_layers is 2\)"),
        ({"factor": 3}, "factor is 3; accepted are 2, 4, 8"),
        ({"shift": -1}, "pixels must not be negative, got -1"),
        ({"norm": "layer"}, "norm is 'layer'"),
        ({"precision": "fp16"}, "precision is 'fp16'; accepted are float32, bf16"),
        ({"perceptual_weight": 1.0}, r"needs a describer: give load_vgg16\(...\)"),
    ],
)
def test_a_config_that_cannot_work_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        srgan.build(replace(SMALL, **changes))


def test_an_unknown_layer_is_refused(describer):
    with pytest.raises(ValueError, match="layers has 'relu9_9'"):
        srgan.build(replace(PERCEPTUAL, perceptual_layers=("relu9_9",)), describer=describer)


def test_photographs_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"shape \(4, 3, 16, 16\), got \(4, 3, 16, 12\)"):
        srgan.step(made(), (photos()[0][..., :12],))
