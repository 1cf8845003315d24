"""ganbook.gans.pix2pix: who moves when, the step written out, exact resumption, translation."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.utils.data import TensorDataset

from ganbook.data.stream import BatchStream
from ganbook.gans import pix2pix
from ganbook.runtime import seed_everything
from ganbook.training.checkpoint import load_checkpoint, save_checkpoint
from ganbook.training.fit import fit
from tests.steps import check_equal_to_the_bit, check_turns, moved, weights

SMALL = pix2pix.Config(
    in_channels=1,
    out_channels=2,
    size=16,
    width=4,
    downs=3,
    discriminator_width=4,
    discriminator_layers=1,
    ema_half_life=50,
)
ADVERSARIAL = ["d_loss", "d_real", "d_fake"]
ALONE = ["reconstruction", "g_loss"]


def made(config=SMALL, seed=0):
    seed_everything(seed)
    return pix2pix.build(config)


def pairs(n=6):
    generator = torch.Generator().manual_seed(1)
    inputs = torch.rand(n, 1, 16, 16, generator=generator) * 2 - 1
    return inputs, torch.rand(n, 2, 16, 16, generator=generator) * 2 - 1


@pytest.mark.parametrize("norm", ["batch", "instance"])
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_metrics_are_detached_finite_scalars(norm, precision):
    metrics = pix2pix.step(made(replace(SMALL, norm=norm, precision=precision)), pairs())
    assert list(metrics) == ADVERSARIAL + ALONE
    for value in metrics.values():
        assert value.shape == () and value.dtype == torch.float32 and not value.requires_grad
        assert math.isfinite(value)
    # Untrained: half of 2 log 2, and log 2 beside 100 times the distance of noise from about 0.
    assert metrics["d_loss"].item() == pytest.approx(math.log(2), abs=0.15)
    assert metrics["d_real"].item() == pytest.approx(0.5, abs=0.1)
    assert metrics["reconstruction"].item() == pytest.approx(0.5, abs=0.1)
    rest = metrics["g_loss"] - 100 * metrics["reconstruction"]
    assert rest.item() == pytest.approx(math.log(2), abs=0.15)


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_each_part_of_the_step_moves_its_own_network(precision, monkeypatch):
    state = made(replace(SMALL, precision=precision))
    check_turns(state, pix2pix.step, pairs(), monkeypatch)
    assert state.ema.images_seen.item() == 6


@pytest.mark.parametrize("kind", ["l1", "l2"])
def test_without_a_gan_the_discriminator_is_never_asked(kind):
    state = made(replace(SMALL, adversarial_weight=0.0, reconstruction=kind))
    before_g, before_d = weights(state.generator), weights(state.discriminator)
    state.discriminator.register_forward_hook(lambda *_: pytest.fail("asked"))
    metrics = pix2pix.step(state, pairs())
    assert list(metrics) == ALONE
    torch.testing.assert_close(metrics["g_loss"], 100 * metrics["reconstruction"])
    assert moved(state.generator, before_g) and not moved(state.discriminator, before_d)


def test_with_the_gan_alone_the_targets_reach_the_generator_through_the_discriminator_only():
    config = replace(SMALL, reconstruction_weight=0.0, dropout=0.0)
    metrics = pix2pix.step(made(config), pairs())
    assert metrics["g_loss"].item() == pytest.approx(math.log(2), abs=0.15)
    first, second = made(config), made(config)
    inputs, targets = pairs()
    for state in (first, second):  # the same improved discriminator for both
        state.discriminator_optimizer.param_groups[0]["lr"] = 0.0
    pix2pix.step(first, (inputs, targets))
    pix2pix.step(second, (inputs, -targets))
    torch.testing.assert_close(first.generator.state_dict(), second.generator.state_dict())


@pytest.mark.parametrize(("adversarial", "weight"), [(1.0, 100.0), (0.3, 7.0)])
@pytest.mark.parametrize("kind", ["l1", "l2"])
def test_one_step_equals_the_same_step_written_out(adversarial, weight, kind):
    config = replace(
        SMALL,
        adversarial_weight=adversarial,
        reconstruction=kind,
        reconstruction_weight=weight,
        learning_rate=0.01,
    )
    state, peer = made(config), made(config)
    x, y = pairs()
    torch.manual_seed(5)
    metrics = pix2pix.step(state, (x, y))

    torch.manual_seed(5)  # of dropout
    g, d = peer.generator, peer.discriminator.patches
    d_optimizer = torch.optim.Adam(d.parameters(), lr=0.01, betas=(0.5, 0.999))
    g_optimizer = torch.optim.Adam(g.parameters(), lr=0.01, betas=(0.5, 0.999))
    fakes = g(x)
    real_logits, fake_logits = d(torch.cat([x, y], 1)), d(torch.cat([x, fakes.detach()], 1))
    ones, zeros = torch.ones_like(real_logits), torch.zeros_like(real_logits)
    d_loss = (bce(real_logits, ones) + bce(fake_logits, zeros)) / 2
    d_loss.backward()
    d_optimizer.step()
    error = (fakes - y).abs().mean() if kind == "l1" else (fakes - y).square().mean()
    g_loss = adversarial * bce(d(torch.cat([x, fakes], 1)), ones) + weight * error
    g_loss.backward()
    g_optimizer.step()

    expected = {
        "d_loss": d_loss.detach(),
        "d_real": real_logits.detach().sigmoid().mean(),
        "d_fake": fake_logits.detach().sigmoid().mean(),
        "reconstruction": error.detach(),
        "g_loss": g_loss.detach(),
    }
    torch.testing.assert_close(metrics, expected)
    torch.testing.assert_close(state.generator.state_dict(), g.state_dict())
    torch.testing.assert_close(state.discriminator.patches.state_dict(), d.state_dict())


def test_input_and_image_are_shifted_alike():
    discriminator = pix2pix.PairDiscriminator(2, 4, 1, "instance", shift=5)
    seen = []
    discriminator.patches.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    images = torch.randn(8, 1, 16, 16)
    discriminator(images, images)
    inputs, outputs = seen[0].unbind(1)
    assert torch.equal(inputs, outputs) and not torch.equal(inputs, images[:, 0])
    discriminator.eval()(images, images)
    assert torch.equal(seen[1][:, :1], images)


def test_jitter_moves_a_pair_alike_before_both_networks_see_it():
    state = made(replace(SMALL, out_channels=1, jitter=4))
    images = torch.randn(6, 1, 16, 16).clamp(-1, 1)
    seen = []
    state.generator.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    state.discriminator.register_forward_pre_hook(lambda module, args: seen.append(args))
    pix2pix.step(state, (images, images))
    moved_inputs, (inputs, targets), *_ = seen
    assert torch.equal(moved_inputs, inputs) and torch.equal(inputs, targets)
    assert not torch.equal(inputs, images)


def test_the_rate_is_kept_for_half_of_the_run_and_falls_to_0():
    state, rates = made(replace(SMALL, steps=8, learning_rate=0.4)), []
    for _ in range(9):
        before = weights(state.generator)
        pix2pix.step(state, pairs())
        optimizers = (state.generator_optimizer, state.discriminator_optimizer)
        (rate,) = {optimizer.param_groups[0]["lr"] for optimizer in optimizers}
        rates.append(rate)
        state.step += 1
    assert rates == pytest.approx([0.4] * 5 + [0.3, 0.2, 0.1, 0.0])
    assert not moved(state.generator, before)  # at rate 0


def test_bf16_stays_near_float32():
    results = {}
    for precision in ("float32", "bf16"):
        state = made(replace(SMALL, precision=precision, dropout=0.0))
        results[precision] = pix2pix.step(state, pairs())
        assert all(p.dtype == torch.float32 for p in state.generator.parameters())
    torch.testing.assert_close(results["bf16"], results["float32"], atol=0.03, rtol=0.01)
    assert results["bf16"]["d_loss"] != results["float32"]["d_loss"]


def run(config, steps, seed=0):
    state = made(config, seed)
    batches = BatchStream(TensorDataset(*pairs(20)), batch_size=6, seed=seed)
    fit(state, pix2pix.step, batches, steps)
    return state, batches


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"precision": "bf16", "shift": 3, "jitter": 2},
        {"norm": "instance", "skips": False, "ema_half_life": 0},
        {"adversarial_weight": 0.0, "reconstruction": "l2"},
        {"steps": 10},
    ],
)
def test_ten_steps_are_five_and_a_resume_and_five(changes, tmp_path):
    config = replace(SMALL, **changes)
    whole, whole_batches = run(config, 10)
    noise_after = torch.randn(3)

    half, half_batches = run(config, 5)
    save_checkpoint(tmp_path / "half.pt", half, half_batches)
    torch.rand(100), next(half_batches)  # what happens after the save must not matter
    resumed, batches = run(config, 2, seed=1234)
    load_checkpoint(tmp_path / "half.pt", resumed, batches)
    fit(resumed, pix2pix.step, batches, 10)

    check_equal_to_the_bit(resumed, whole)
    assert torch.equal(torch.randn(3), noise_after)
    assert batches.state_dict() == whole_batches.state_dict()
    inputs, _ = pairs(3)
    assert torch.equal(resumed.translate(inputs), whole.translate(inputs))


@pytest.mark.parametrize("half_life", [50, 0])
def test_translation_is_deterministic_and_judges_each_image_alone(half_life):
    state = made(replace(SMALL, ema_half_life=half_life))
    inputs, targets = pairs()
    pix2pix.step(state, (inputs, targets))
    whole = state.translate(inputs)
    assert whole.shape == targets.shape and whole.dtype == torch.float32 and not whole.requires_grad
    torch.testing.assert_close(state.translate(inputs, batch_size=4), whole)
    torch.testing.assert_close(state.translate(inputs[:1]), whole[:1])
    expected = state.sampler.eval()(inputs)
    torch.testing.assert_close(whole, expected.detach())


def test_with_dropout_each_translation_is_another():
    state, (inputs, _) = made(), pairs()
    first, second = (state.translate(inputs, dropout=True) for _ in range(2))
    assert not torch.equal(first, second)
    assert torch.equal(state.translate(inputs), state.translate(inputs))
    # Batch norm's averages are left alone, and the modes are as before.
    for layer in state.sampler.modules():
        if isinstance(layer, nn.BatchNorm2d):
            assert layer.num_batches_tracked == 0


def test_translation_restores_the_mode():
    state, (inputs, _) = made(replace(SMALL, ema_half_life=0)), pairs()
    state.translate(inputs)
    assert all(module.training for module in state.generator.modules())
    state.generator.eval()
    state.translate(inputs, dropout=True)
    assert not any(module.training for module in state.generator.modules())


def test_defaults_are_the_papers():
    config = pix2pix.Config()
    assert (config.size, config.width, config.downs, config.dropout) == (256, 64, 8, 0.5)
    assert (config.discriminator_width, config.discriminator_layers) == (64, 3)
    assert (config.adversarial_weight, config.reconstruction_weight) == (1, 100)
    assert (config.learning_rate, config.beta1, config.beta2) == (2e-4, 0.5, 0.999)
    assert (config.ema_half_life, config.jitter, config.shift, config.steps) == (0, 0, 0, 0)
    assert config.reconstruction == "l1"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"adversarial_weight": 0, "reconstruction_weight": 0}, "must be above 0; got 0 and 0"),
        ({"reconstruction_weight": -1}, "must not be negative.*got 1.0 and -1"),
        ({"size": 20}, r"size is 20; it must be a multiple of 8 \(downs is 3\)"),
        ({"discriminator_layers": 2}, r"at least 34 \(discriminator_layers is 2\)"),
        ({"norm": "layer"}, "norm is 'layer'; accepted are batch, instance, none"),
        ({"jitter": -1}, "pixels must not be negative, got -1"),
        ({"shift": -1}, "pixels must not be negative, got -1"),
        ({"precision": "fp16"}, "precision is 'fp16'; accepted are float32, bf16"),
    ],
)
def test_a_config_that_cannot_work_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        pix2pix.build(replace(SMALL, **changes))


def test_small_images_are_fine_without_a_discriminator():
    config = replace(SMALL, size=8, discriminator_layers=3, adversarial_weight=0)
    x, y = pairs()
    pix2pix.step(pix2pix.build(config), (x[..., :8, :8], y[..., :8, :8]))


def test_batches_that_are_no_pairs_are_refused():
    state, (x, y) = made(), pairs()
    with pytest.raises(ValueError, match=r"inputs must have shape \(6, 1, 16, 16\), got \(6, 2, 1"):
        pix2pix.step(state, (y, x))
    with pytest.raises(ValueError, match=r"targets must have shape \(6, 2, 16, 16\), got \(5, 2, "):
        pix2pix.step(state, (x, y[:5]))
    with pytest.raises(ValueError, match=r"inputs must have shape .*, got \(6, 1, 16, 8\)"):
        pix2pix.step(state, (x[..., :8], y[..., :8]))
    with pytest.raises(ValueError, match="kind is 'L1'"):
        pix2pix.step(made(replace(SMALL, reconstruction="L1")), (x, y))
