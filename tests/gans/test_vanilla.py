"""ganbook.gans.vanilla: who moves when, what comes back, and exact resumption."""

import math
from dataclasses import FrozenInstanceError, replace

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.utils.data import TensorDataset

from ganbook.data.stream import BatchStream
from ganbook.gans import dcgan, vanilla
from ganbook.runtime import seed_everything
from ganbook.training.checkpoint import load_checkpoint, save_checkpoint
from ganbook.training.fit import fit
from tests.steps import before_each_step, check_equal_to_the_bit, moved, weights

POINTS = vanilla.Config(sample_shape=(2,), latent_dim=3, hidden=8, ema_half_life=50)
DIGITS = vanilla.Config(sample_shape=(1, 16, 16), latent_dim=4, hidden=8, ema_half_life=50)
CONVOLUTIONS = dcgan.Config(channels=1, size=16, latent_dim=4, width=4, ema_half_life=50)
VARIANTS = [(vanilla, POINTS), (vanilla, DIGITS), (dcgan, CONVOLUTIONS)]


def made(gan, config, seed=0):
    seed_everything(seed)
    return gan.build(config)


def real_batch(config, n=6):
    shape = getattr(config, "sample_shape", None) or (config.channels, config.size, config.size)
    generator = torch.Generator().manual_seed(1)
    return (torch.rand(n, *shape, generator=generator) * 2 - 1,)


def gradients(module):
    return [None if p.grad is None else p.grad.clone() for p in module.parameters()]


def same(first, second):
    return all(
        a is b if a is None or b is None else torch.equal(a, b) for a, b in zip(first, second)
    )


@pytest.mark.parametrize(("gan", "config"), VARIANTS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_metrics_are_detached_finite_scalars(gan, config, precision):
    state = made(gan, replace(config, precision=precision))
    metrics = gan.step(state, real_batch(config))
    assert list(metrics) == ["d_loss", "g_loss", "d_real", "d_fake"]
    for value in metrics.values():
        assert value.shape == () and value.dtype == torch.float32
        assert not value.requires_grad and value.grad_fn is None
        assert math.isfinite(value)
    # Untrained, the discriminator is near 1/2, so the losses are near 2 log 2 and log 2.
    assert metrics["d_real"].item() == pytest.approx(0.5, abs=0.1)
    assert metrics["d_fake"].item() == pytest.approx(0.5, abs=0.1)
    assert metrics["d_loss"].item() == pytest.approx(2 * math.log(2), abs=0.3)
    assert metrics["g_loss"].item() == pytest.approx(math.log(2), abs=0.3)


@pytest.mark.parametrize(("gan", "config"), VARIANTS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_each_part_of_the_step_moves_its_own_network(gan, config, precision, monkeypatch):
    state = made(gan, replace(config, precision=precision))
    generator, discriminator, ema = state.generator, state.discriminator, state.ema.module
    before_g, before_d, before_ema = weights(generator), weights(discriminator), weights(ema)
    seen = []

    def at_discriminators_turn():
        seen.append("discriminator")
        assert not moved(generator, before_g) and not moved(discriminator, before_d)
        assert all(g is None for g in gradients(generator))  # the fakes were detached
        assert all(g is not None and g.any() for g in gradients(discriminator))
        seen.append(gradients(discriminator))

    def at_generators_turn():
        seen.append("generator")
        assert moved(discriminator, before_d) and not moved(generator, before_g)
        assert same(gradients(discriminator), seen[1])  # the generator's loss left them alone
        assert all(g is not None for g in gradients(generator))
        assert not moved(ema, before_ema)

    before_each_step(monkeypatch, state.discriminator_optimizer, at_discriminators_turn)
    before_each_step(monkeypatch, state.generator_optimizer, at_generators_turn)
    gan.step(state, real_batch(config))

    assert [entry for entry in seen if isinstance(entry, str)] == ["discriminator", "generator"]
    assert moved(generator, before_g)
    assert moved(ema, before_ema)
    assert state.ema.images_seen.item() == 6
    assert all(p.requires_grad for p in discriminator.parameters())
    assert state.step == 0  # counting is fit's task


def test_optimizers_hold_their_own_networks_and_the_configs_numbers():
    config = replace(POINTS, learning_rate=3e-3, beta1=0.3, beta2=0.7)
    state = made(vanilla, config)
    for network, optimizer in (
        (state.generator, state.generator_optimizer),
        (state.discriminator, state.discriminator_optimizer),
    ):
        (group,) = optimizer.param_groups
        assert {id(p) for p in group["params"]} == {id(p) for p in network.parameters()}
        assert (group["lr"], group["betas"]) == (3e-3, (0.3, 0.7))


@pytest.mark.parametrize("saturating", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_one_step_equals_the_same_step_written_out(saturating, smoothing):
    config = replace(POINTS, saturating=saturating, label_smoothing=smoothing, learning_rate=0.01)
    state, peer = made(vanilla, config), made(vanilla, config)
    (real,) = real_batch(config)

    torch.manual_seed(5)
    metrics = vanilla.step(state, (real,))

    torch.manual_seed(5)
    z = torch.randn(6, 3)
    g, d = peer.generator, peer.discriminator
    d_optimizer = torch.optim.Adam(d.parameters(), lr=0.01, betas=(0.5, 0.999))
    g_optimizer = torch.optim.Adam(g.parameters(), lr=0.01, betas=(0.5, 0.999))
    zeros, ones = torch.zeros(6), torch.ones(6)
    real_logits, fake_logits = d(real), d(g(z).detach())
    d_loss = bce(real_logits, ones - smoothing) + bce(fake_logits, zeros)
    d_loss.backward()
    d_optimizer.step()
    logits = d(g(z))
    g_loss = -bce(logits, zeros) if saturating else bce(logits, ones)
    g_loss.backward()
    g_optimizer.step()

    expected = {
        "d_loss": d_loss.detach(),
        "g_loss": g_loss.detach(),
        "d_real": real_logits.detach().sigmoid().mean(),
        "d_fake": fake_logits.detach().sigmoid().mean(),
    }
    torch.testing.assert_close(metrics, expected)
    torch.testing.assert_close(state.generator.state_dict(), g.state_dict())
    torch.testing.assert_close(state.discriminator.state_dict(), d.state_dict())


def test_only_the_first_tensor_of_a_batch_is_used():
    first, second = made(vanilla, POINTS), made(vanilla, POINTS)
    (real,) = real_batch(POINTS)
    torch.manual_seed(0)
    vanilla.step(first, (real,))
    torch.manual_seed(0)
    vanilla.step(second, (real, torch.arange(6)))
    torch.testing.assert_close(first.generator.state_dict(), second.generator.state_dict())


def test_without_an_average_the_generator_itself_is_sampled():
    state = made(vanilla, replace(POINTS, ema_half_life=0))
    assert state.ema is None and state.sampler is state.generator
    vanilla.step(state, real_batch(POINTS))


def test_bf16_stays_near_float32():
    results = {}
    for precision in ("float32", "bf16"):
        state = made(dcgan, replace(CONVOLUTIONS, precision=precision))
        torch.manual_seed(2)
        results[precision] = dcgan.step(state, real_batch(CONVOLUTIONS))
        assert all(p.dtype == torch.float32 for p in state.generator.parameters())
    torch.testing.assert_close(results["bf16"], results["float32"], atol=0.03, rtol=0)
    assert results["bf16"]["d_loss"] != results["float32"]["d_loss"]


def run(gan, config, steps, seed=0):
    """Return a state and its batches after some steps, all from one seed."""
    state = made(gan, config, seed)
    (images,) = real_batch(config, n=20)
    batches = BatchStream(TensorDataset(images), batch_size=6, seed=seed)
    fit(state, gan.step, batches, steps)
    return state, batches


@pytest.mark.parametrize(("gan", "config"), VARIANTS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("half_life", [50, 0])
def test_ten_steps_are_five_and_a_resume_and_five(gan, config, precision, half_life, tmp_path):
    config = replace(config, precision=precision, ema_half_life=half_life)
    whole, whole_batches = run(gan, config, 10)
    noise_after = torch.randn(3)

    half, half_batches = run(gan, config, 5)
    save_checkpoint(tmp_path / "half.pt", half, half_batches)
    torch.rand(100), half_batches.__next__()  # what happens after the save must not matter

    resumed, batches = run(gan, config, 2, seed=1234)  # another state, other seeds, used
    load_checkpoint(tmp_path / "half.pt", resumed, batches)
    fit(resumed, gan.step, batches, 10)

    assert resumed.step == whole.step == 10
    assert (whole.ema is not None) == bool(half_life)
    check_equal_to_the_bit(resumed, whole)
    for name in ("d_loss", "g_loss", "d_real", "d_fake"):
        assert len(resumed.history[name]) == 10
    assert batches.state_dict() == whole_batches.state_dict()
    assert torch.equal(next(batches)[0], next(whole_batches)[0])
    assert torch.equal(resumed.sample(3), whole.sample(3))
    # The global generator too goes on as if nothing had happened.
    assert torch.equal(torch.randn(3), noise_after)


def test_configs_are_frozen_and_a_wrong_precision_is_refused():
    with pytest.raises(FrozenInstanceError):
        POINTS.hidden = 3
    with pytest.raises(ValueError, match="precision is 'fp16'; accepted are float32, bf16"):
        vanilla.build(replace(POINTS, precision="fp16"))
    with pytest.raises(ValueError, match="half_life_images must be at least 1, got -5"):
        vanilla.build(replace(POINTS, ema_half_life=-5))
    with pytest.raises(ValueError, match=r"smoothing must lie in \[0, 0.5\), got 0.9"):
        vanilla.step(vanilla.build(replace(POINTS, label_smoothing=0.9)), real_batch(POINTS))


def test_real_samples_of_another_shape_are_refused():
    state = made(vanilla, DIGITS)
    with pytest.raises(ValueError, match=r"\(N, 1, 16, 16\), got \(6, 1, 28, 28\)"):
        vanilla.step(state, (torch.zeros(6, 1, 28, 28),))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_run_resumes_on_a_gpu(tmp_path):
    state = vanilla.build(POINTS, "cuda")
    batches = BatchStream(TensorDataset(*real_batch(POINTS, 20)), 6)
    fit(state, vanilla.step, batches, 3)
    save_checkpoint(tmp_path / "x.pt", state, batches)
    resumed = vanilla.build(POINTS, "cuda")
    load_checkpoint(tmp_path / "x.pt", resumed, batches)
    fit(resumed, vanilla.step, batches, 5)
    assert len(resumed.history["d_loss"]) == 5
