"""ganbook.gans.stable: each setting does what it says, and resuming is exact."""

import math
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

from ganbook.data.stream import BatchStream
from ganbook.gans import dcgan, stable, vanilla
from ganbook.gans.stable import AdversarialLoss, Config, lsgan, sngan, wgan_clip, wgan_gp
from ganbook.losses.gradient_penalty import gradient_penalty
from ganbook.runtime import seed_everything
from ganbook.training.checkpoint import load_checkpoint, save_checkpoint
from ganbook.training.fit import fit
from tests import steps
from tests.steps import before_each_step, check_equal_to_the_bit, weights

moved = partial(steps.moved, least_ndim=2)  # biases may have no gradient

SMALL = {"latent_dim": 3, "width": 8, "ema_half_life": 50}
IMAGES = {"sample_shape": (1, 16, 16), "latent_dim": 4, "width": 4, "ema_half_life": 50}
NOISE = {"instance_noise": 0.3, "instance_noise_steps": 8}
VARIANTS = {
    "defaults": Config(**SMALL),
    "two time scales": Config(**SMALL, discriminator_learning_rate=1e-3, gradient_clip=0.1),
    "hinge, cosine": Config(
        **SMALL, loss=AdversarialLoss.HINGE, schedule="cosine", schedule_steps=10
    ),
    "clip": wgan_clip(**SMALL),
    "gp, linear": wgan_gp(**SMALL, schedule="linear", schedule_steps=10),
    "noise, step": Config(**SMALL, **NOISE, schedule="step", schedule_steps=10),
    "sngan": sngan(**SMALL),
    "images": Config(**IMAGES, label_smoothing=0.1),
    "images, clip": wgan_clip(**IMAGES, n_critic=2),
    "images, gp": wgan_gp(**IMAGES, n_critic=2),
    "images, r1": lsgan(**IMAGES, penalty="r1", norm="none", shift=1),
    "images, sngan": sngan(**IMAGES, **NOISE),
}
PRECISIONS = ("float32", "bf16")
variants = pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)


def made(config, seed=0):
    seed_everything(seed)
    return stable.build(config)


def real_batch(config, n=6):
    generator = torch.Generator().manual_seed(1)
    n = n * config.n_critic
    return (torch.rand(n, *config.sample_shape, generator=generator) * 2 - 1,)


def stepped(config, seed=0):
    state = made(config, seed)
    return state, stable.step(state, real_batch(config))


@pytest.mark.parametrize("precision", PRECISIONS)
@variants
def test_metrics_are_detached_finite_scalars_of_the_same_names(config, precision):
    _, metrics = stepped(replace(config, precision=precision))
    names = ["d_loss", "g_loss", "real_logit", "fake_logit", "penalty", "d_grad", "g_grad"]
    assert list(metrics) == names + ["d_real", "d_fake"] * config.loss.has_probabilities
    for value in metrics.values():
        assert value.shape == () and value.dtype == torch.float32
        assert not value.requires_grad and value.grad_fn is None
        assert math.isfinite(value)
    assert (metrics["penalty"] > 0) == (config.penalty != "none")
    assert metrics["d_grad"] > 0 and metrics["g_grad"] > 0


@pytest.mark.parametrize("precision", PRECISIONS)
@variants
def test_each_part_of_the_step_moves_its_own_network(config, precision, monkeypatch):
    state = made(replace(config, precision=precision))
    generator, judge, ema = state.generator, state.discriminator, state.ema.module
    before_g, before_ema = weights(generator), weights(ema)
    turns, last = [], {"d": weights(judge)}

    def at_discriminators_turn():
        assert not moved(generator, before_g)
        assert moved(judge, last["d"]) == bool(turns)  # by the turn before this one
        last["d"] = weights(judge)
        last["grad"] = [None if p.grad is None else p.grad.clone() for p in judge.parameters()]
        assert all(p.grad is None for p in generator.parameters())  # the fakes were detached
        turns.append("d")

    def at_generators_turn():
        assert moved(judge, last["d"]) and not moved(generator, before_g)
        for parameter, gradient in zip(judge.parameters(), last["grad"]):
            assert parameter.grad is gradient is None or torch.equal(parameter.grad, gradient)
        assert all(p.grad is not None for p in generator.parameters())
        assert not moved(ema, before_ema)
        last["d"] = weights(judge)
        turns.append("g")

    before_each_step(monkeypatch, state.discriminator_optimizer, at_discriminators_turn)
    before_each_step(monkeypatch, state.generator_optimizer, at_generators_turn)
    stable.step(state, real_batch(config))
    assert turns == ["d"] * config.n_critic + ["g"]
    assert moved(generator, before_g) and moved(ema, before_ema)
    assert not moved(judge, last["d"])
    assert state.ema.images_seen.item() == 6
    assert all(p.requires_grad for p in judge.parameters())
    assert state.step == 0  # counting is fit's task


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("saturating", [False, True])
def test_without_any_limit_it_is_the_vanilla_gan_to_the_bit(saturating, smoothing):
    loss = AdversarialLoss.MINIMAX if saturating else AdversarialLoss.NON_SATURATING
    for ours, gan, peer in (
        (Config(**SMALL), vanilla, vanilla.Config((2,), 3, 8, ema_half_life=50)),
        (Config(**IMAGES), dcgan, dcgan.Config(1, 16, 4, 4, ema_half_life=50)),
    ):
        state = made(replace(ours, loss=loss, label_smoothing=smoothing))
        seed_everything(0)
        other = gan.build(replace(peer, saturating=saturating, label_smoothing=smoothing))
        for seed in range(3):
            torch.manual_seed(seed)
            metrics = stable.step(state, real_batch(ours))
            torch.manual_seed(seed)
            expected = gan.step(other, real_batch(ours))
        exact = {"rtol": 0, "atol": 0}
        torch.testing.assert_close({name: metrics[name] for name in expected}, expected, **exact)
        for name in ("generator", "discriminator", "ema"):
            mine, theirs = (getattr(s, name).state_dict() for s in (state, other))
            torch.testing.assert_close(mine, theirs, **exact)


def test_a_wgan_gp_step_equals_the_same_step_written_out():
    config = wgan_gp(**SMALL, learning_rate=0.01)
    state, peer = made(config), made(config)
    (real,) = real_batch(config)
    torch.manual_seed(5)
    metrics = stable.step(state, (real,))

    torch.manual_seed(5)
    g, f = peer.generator, peer.discriminator
    options = {"lr": 0.01, "betas": (0.0, 0.9)}
    f_optimizer = torch.optim.Adam(f.parameters(), **options)
    g_optimizer = torch.optim.Adam(g.parameters(), **options)
    for part in real.split(6):
        fake = g(torch.randn(6, 3))
        loss = f(fake.detach()).mean() - f(part).mean()
        penalty = 10 * gradient_penalty(f, part, fake)
        f_optimizer.zero_grad()
        (loss + penalty).backward()
        f_optimizer.step()
    g_loss = -f(fake).mean()
    g_loss.backward(inputs=list(g.parameters()))
    g_optimizer.step()
    expected = {"d_loss": loss, "penalty": penalty, "g_loss": g_loss}
    expected = {name: value.detach() for name, value in expected.items()}
    torch.testing.assert_close({name: metrics[name] for name in expected}, expected)
    torch.testing.assert_close(state.generator.state_dict(), g.state_dict())
    torch.testing.assert_close(state.discriminator.state_dict(), f.state_dict())


def test_the_parts_of_the_batch_are_used_in_turn():
    """Each update sees its own part: exchanging two parts changes the critic, not what it saw."""
    config = Config(**SMALL, n_critic=3)
    state, seen = made(config), []
    state.discriminator.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    (real,) = real_batch(config)
    stable.step(state, (real,))
    assert len(seen) == 3 * 2 + 1  # real and fake each time, and once for the generator
    for index, part in enumerate(real.split(6)):
        assert torch.equal(seen[2 * index], part)
    assert torch.equal(seen[6], seen[5])  # the last fakes once more


def test_gradient_norms_and_their_clipping():
    config = Config(**SMALL)
    free, metrics = stepped(config)
    for network, name in ((free.discriminator, "d_grad"), (free.generator, "g_grad")):
        norm = torch.cat([p.grad.flatten() for p in network.parameters()]).norm()
        assert metrics[name].item() == pytest.approx(norm.item(), rel=1e-5)
    limit = 0.5 * min(metrics["d_grad"].item(), metrics["g_grad"].item())
    clipped, again = stepped(replace(config, gradient_clip=limit))
    assert again["d_grad"] == metrics["d_grad"]  # told as it was before
    for network in (clipped.discriminator, clipped.generator):
        norm = torch.cat([p.grad.flatten() for p in network.parameters()]).norm()
        assert norm.item() == pytest.approx(limit, rel=1e-4)


def test_weights_are_clipped_after_the_update():
    state, _ = stepped(wgan_clip(**SMALL))
    assert max(p.abs().max().item() for p in state.discriminator.parameters()) <= 0.01
    assert max(p.abs().max().item() for p in state.generator.parameters()) > 0.1


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("shape", [SMALL, IMAGES])
def test_spectral_norm_bounds_the_discriminator_alone(shape, precision):
    state = made(sngan(**shape, precision=precision, learning_rate=1e-6))
    for _ in range(40):  # at a larger rate the iteration lags behind the weights by a little
        stable.step(state, real_batch(state.config))
    layers = [m for m in state.discriminator.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    assert len(layers) == 3
    for layer in layers:
        size = torch.linalg.svdvals(layer.weight.detach().flatten(1))[0].item()
        assert size == pytest.approx(1.0, abs=0.03)
    assert not any(nn.utils.parametrize.is_parametrized(m) for m in state.generator.modules())


def test_instance_noise_is_added_to_all_the_discriminator_sees():
    config = Config(**SMALL, instance_noise=0.5, instance_noise_steps=4)
    assert [stable.noise_level(config, step) for step in (0, 1, 4, 9)] == [0.5, 0.375, 0, 0]
    assert stable.noise_level(replace(config, instance_noise_steps=0), 9) == 0.5
    state, seen = made(config), []
    state.discriminator.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    (real,) = real_batch(config, 4000)
    stable.step(state, (real,))
    assert (seen[0] - real).std().item() == pytest.approx(0.5, rel=0.05)
    assert (seen[2] - seen[1]).std().item() == pytest.approx(0.5 * 2**0.5, rel=0.05)  # drawn anew
    state.step, seen[:] = 4, []
    stable.step(state, (real,))
    assert torch.equal(seen[0], real)


def test_rates_follow_the_config_and_the_step():
    def rates(step, **changes):
        state = stable.build(Config(width=2, latent_dim=2, learning_rate=0.8, **changes))
        state.step = step
        stable.set_learning_rates(state)
        optimizers = (state.generator_optimizer, state.discriminator_optimizer)
        return [optimizer.param_groups[0]["lr"] for optimizer in optimizers]

    assert rates(7) == [0.8, 0.8]
    assert rates(7, discriminator_learning_rate=0.4) == [0.8, 0.4]
    assert rates(0, discriminator_learning_rate=0.0) == [0.8, 0.0]
    for schedule, expected in {
        "cosine": [1, 0.5 + 0.5**1.5, 0.5, 0],
        "linear": [1, 1, 1, 0],
        "step": [1, 0.5, 0.25, 0.0625],
    }.items():
        both = {"schedule": schedule, "schedule_steps": 8, "discriminator_learning_rate": 0.2}
        for step, factor in zip((0, 2, 4, 8), expected):
            assert rates(step, **both) == pytest.approx([0.8 * factor, 0.2 * factor])
    assert rates(6, schedule="linear", schedule_steps=8) == pytest.approx([0.4, 0.4])


def test_a_step_uses_its_rates():
    state = made(Config(**SMALL, schedule="cosine", schedule_steps=5))
    state.step = 5  # the run is over: the rate is 0
    before = weights(state.generator), weights(state.discriminator)
    stable.step(state, real_batch(state.config))
    assert not moved(state.generator, before[0]) and not moved(state.discriminator, before[1])


def test_r1_pulls_on_the_real_samples_and_the_gradient_penalty_between(monkeypatch):
    asked = {}
    monkeypatch.setattr(
        stable, "r1_penalty", lambda d, real: asked.setdefault("r1", real).sum() * 0 + 0.25
    )
    _, metrics = stepped(Config(**SMALL, penalty="r1", penalty_weight=4.0))
    torch.testing.assert_close(asked["r1"], real_batch(Config(**SMALL))[0])
    assert metrics["penalty"].item() == pytest.approx(1.0)


def test_a_batch_that_cannot_be_cut_is_refused():
    config = Config(**SMALL, n_critic=4)
    with pytest.raises(ValueError, match="n_critic = 4 equal parts, got 6 samples"):
        stable.step(made(config), (torch.zeros(6, 2),))


def test_an_image_size_that_is_no_power_of_two_is_refused():
    with pytest.raises(ValueError, match="power of two of at least 16, got 48"):
        stable.build(Config(sample_shape=(1, 48, 48)))


def run(config, steps, seed=0):
    """Return a state and its batches after some steps, all from one seed."""
    state = made(config, seed)
    (samples,) = real_batch(config, n=15)
    batches = BatchStream(TensorDataset(samples), batch_size=4 * config.n_critic, seed=seed)
    fit(state, stable.step, batches, steps)
    return state, batches


@pytest.mark.parametrize("precision", PRECISIONS)
@variants
def test_ten_steps_are_five_and_a_resume_and_five(config, precision, tmp_path):
    config = replace(config, precision=precision)
    whole, whole_batches = run(config, 10)
    noise_after = torch.randn(3)

    half, half_batches = run(config, 5)
    save_checkpoint(tmp_path / "half.pt", half, half_batches)
    resumed, batches = run(config, 2, seed=1234)  # another state, other seeds, used
    load_checkpoint(tmp_path / "half.pt", resumed, batches)
    fit(resumed, stable.step, batches, 10)

    assert whole.ema is not None
    check_equal_to_the_bit(resumed, whole)
    assert torch.equal(next(batches)[0], next(whole_batches)[0])
    assert torch.equal(torch.randn(3), noise_after)


def test_wgan_gp_finds_the_distance_of_two_shifted_clouds():
    """A cloud moved by 2 has distance 2; with a weight of w the critic's slope is 1 + 2 / (2 w)."""
    rates = {"learning_rate": 0.0, "discriminator_learning_rate": 3e-3}
    config = wgan_gp(latent_dim=2, width=32, penalty_weight=50, **rates)
    state = made(config)
    generator = torch.Generator().manual_seed(0)

    class Still(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.tensor(0.3))

        def forward(self, z):
            return self.scale * z

    state.generator = Still()
    state.generator_optimizer = torch.optim.Adam(state.generator.parameters(), lr=0.0)
    for _ in range(100):
        real = 0.3 * torch.randn(5 * 64, 2, generator=generator) + torch.tensor([2.0, 0.0])
        metrics = stable.step(state, (real,))
    assert -metrics["d_loss"].item() == pytest.approx(2.04, abs=0.15)
