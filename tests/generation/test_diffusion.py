"""ganbook.generation.diffusion: the step written out, sampling by a perfect denoiser, resuming."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

from ganbook.data.stream import BatchStream
from ganbook.data.toy import ring_centers, sample_mixture
from ganbook.generation import diffusion
from ganbook.metrics.modes import mode_report
from ganbook.training.callbacks import SampleGrid
from ganbook.training.fit import fit
from tests.generation.runs import all_moved, check_metrics, check_resume, made, uniform
from tests.steps import weights

POINTS = diffusion.Config(timesteps=30, width=16, ema_half_life=50)
IMAGES = diffusion.Config((1, 16, 16), timesteps=30, width=8, schedule="cosine")
VARIANTS = [
    POINTS,
    IMAGES,
    replace(IMAGES, patch=2),
    replace(POINTS, ema_half_life=0, sample_shape=(3,)),
]


def batch(config, n=6):
    return (uniform(n, *config.sample_shape),)


@pytest.mark.parametrize("config", VARIANTS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_metrics_and_who_moves(config, precision):
    state = made(diffusion, replace(config, precision=precision))
    if len(config.sample_shape) == 3:  # starts at 0, so the first step moves its last layer only
        nn.init.normal_(state.network.leave[-1].weight)
    before = weights(state.network)
    average = None if state.ema is None else weights(state.ema.module)
    metrics = diffusion.step(state, (*batch(config), torch.arange(6)))
    check_metrics(metrics, ["loss"])
    assert all_moved(state.network, before)
    assert average is None or all_moved(state.ema.module, average)
    assert state.step == 0  # counting is fit's task


@pytest.mark.parametrize("config", [POINTS, IMAGES])
def test_one_step_equals_the_same_step_written_out(config):
    state, peer = made(diffusion, config), made(diffusion, config).network
    (x,) = batch(config)
    torch.manual_seed(5)
    metrics = diffusion.step(state, (x,))

    torch.manual_seed(5)
    t, noise = torch.randint(30, (6,)), torch.randn(x.shape)
    share = state.signal[t].view(-1, *[1] * (x.ndim - 1))
    optimizer = torch.optim.Adam(peer.parameters(), lr=1e-3)
    loss = (peer(share**0.5 * x + (1 - share) ** 0.5 * noise, t) - noise).square().mean()
    loss.backward()
    optimizer.step()
    torch.testing.assert_close(metrics, {"loss": loss.detach()})
    torch.testing.assert_close(state.network.state_dict(), peer.state_dict())
    if config is IMAGES:  # it predicts 0 at first: the loss is the noise's mean square
        torch.testing.assert_close(loss.detach(), noise.square().mean())


@pytest.mark.parametrize("target", diffusion.TARGETS)
def test_each_target_by_hand_and_as_noise(target):
    state, peer = (made(diffusion, replace(POINTS, target=target)) for _ in range(2))
    (x,) = batch(POINTS)
    torch.manual_seed(5)
    metrics = diffusion.step(state, (x,))
    torch.manual_seed(5)
    t, noise = torch.randint(30, (6,)), torch.randn(x.shape)
    share = peer.signal[t][:, None]
    noisy = share.sqrt() * x + (1 - share).sqrt() * noise
    velocity = share.sqrt() * noise - (1 - share).sqrt() * x
    wanted = {"noise": noise, "sample": x, "velocity": velocity}[target]
    loss = (peer.network(noisy, t) - wanted).square().mean()
    torch.testing.assert_close(metrics["loss"], loss.detach())
    for k in range(6):  # the right answer implies the noise that was added
        found = diffusion.to_noise(wanted[k], noisy[k], share[k].item(), target)
        torch.testing.assert_close(found, noise[k], atol=1e-4, rtol=1e-4)


def test_samples_do_not_depend_on_the_target_of_a_perfect_network():
    mean, std = torch.tensor([1.0, -0.5]), torch.tensor([0.5, 0.2])
    results = []
    for target in diffusion.TARGETS:
        config = replace(POINTS, timesteps=200, schedule="cosine", ema_half_life=0, target=target)
        state = made(diffusion, config)
        state.network = Translated(Perfect(state.signal, mean, std), target)
        results.append(state.sample(50, steps=20, eta=0.0))
    torch.testing.assert_close(results[0], results[1], atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(results[0], results[2], atol=1e-3, rtol=1e-3)


class Perfect(nn.Module):
    """The best denoiser where the data is N(mean, std^2): E[noise | noisy], in closed form."""

    def __init__(self, signal, mean, std):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.signal, self.mean, self.std = signal, mean, std

    def forward(self, noisy, time):
        share = self.signal[time][:, None]
        variance = share * self.std**2 + 1 - share
        return (1 - share).sqrt() * (noisy - share.sqrt() * self.mean) / variance


class Translated(nn.Module):
    """A perfect denoiser that answers in another target."""

    def __init__(self, perfect, target):
        super().__init__()
        self.perfect, self.target = perfect, target

    def forward(self, noisy, time):
        noise, share = self.perfect(noisy, time), self.perfect.signal[time][:, None]
        x = (noisy - (1 - share).sqrt() * noise) / share.sqrt()
        velocity = share.sqrt() * noise - (1 - share).sqrt() * x
        return {"noise": noise, "sample": x, "velocity": velocity}[self.target]


@pytest.mark.parametrize(("steps", "eta"), [(None, 1.0), (None, 0.0), (250, 0.0), (500, 0.5)])
@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_a_perfect_denoiser_samples_the_data(schedule, steps, eta):
    state = made(diffusion, replace(POINTS, timesteps=1000, schedule=schedule, ema_half_life=0))
    mean, std = torch.tensor([1.0, -0.5]), torch.tensor([0.5, 0.2])
    state.network = Perfect(state.signal, mean, std)
    samples = state.sample(4_000, steps=steps, eta=eta)
    assert ((samples.mean(0) - mean).abs() < 0.03).all()
    assert (samples.std(0) / std - 1).abs().max() < 0.06


def test_without_fresh_noise_a_single_point_is_reached_exactly():
    state = made(diffusion, replace(POINTS, ema_half_life=0))
    point = torch.tensor([0.3, -0.8])
    state.network = Perfect(state.signal, point, torch.zeros(2))
    way = []
    samples = state.generate(torch.randn(4, 2), steps=7, keep=way)
    torch.testing.assert_close(samples, point.expand(4, 2), atol=1e-4, rtol=0)
    assert len(way) == 7 and torch.equal(way[-1], samples)


def test_clip_is_one_for_images_and_asked_for_elsewhere():
    assert IMAGES.bound == 1 and POINTS.bound is None
    assert replace(IMAGES, clip=2.0).bound == replace(POINTS, clip=2.0).bound == 2
    state = made(diffusion, replace(POINTS, clip=0.5, schedule="cosine"))
    assert state.sample(50).abs().max() <= 0.5  # the last step returns the estimate itself
    free = made(diffusion, replace(POINTS, schedule="cosine"))
    assert free.sample(50, steps=3, eta=0.0).abs().max() > 5  # untrained: it runs away


@pytest.fixture(scope="module")
def ring():
    """A short training on the ring, in unit variance, with the settings of chapter 02."""
    torch.manual_seed(0)
    points = sample_mixture(ring_centers(), 5_000) / 2**0.5
    config = diffusion.Config(
        timesteps=50,
        schedule="cosine",
        width=64,
        learning_rate=3e-3,
        ema_half_life=20_000,
        clip=1.6,
    )
    state = diffusion.build(config)
    return fit(state, diffusion.step, BatchStream(TensorDataset(points), 256), 1_000)


@pytest.mark.parametrize(("steps", "eta", "least"), [(50, 1.0, 0.7), (20, 0.0, 0.5)])
def test_it_learns_the_ring(ring, steps, eta, least):
    found = mode_report(ring.sample(1_000, steps=steps, eta=eta) * 2**0.5, ring_centers(), 0.05)
    assert found.covered == 8 and found.high_quality > least


def test_seeds_and_modes():
    state = made(diffusion, IMAGES)
    nn.init.normal_(state.network.leave[-1].weight)
    images = state.sample(3, seed=2)
    assert images.shape == (3, 1, 16, 16) and images.abs().max() <= 1  # clipped
    assert torch.equal(images, state.sample(3, seed=2))
    assert not torch.equal(images, state.sample(3, seed=3))
    assert not torch.equal(images, state.sample(3, seed=2, eta=0.0))
    assert state.network.training
    noise = torch.randn(3, 1, 16, 16)
    assert torch.equal(state.generate(noise, steps=5), state.generate(noise, steps=5))
    grid = SampleGrid(noise, every=1)
    state.step = 1
    grid(state, {})
    assert len(grid.frames) == 1


def test_the_average_is_sampled_where_there_is_one():
    state = made(diffusion, POINTS)
    assert state.sampler is state.ema.module
    state = made(diffusion, replace(POINTS, ema_half_life=0))
    assert state.ema is None and state.sampler is state.network


@pytest.mark.parametrize("config", VARIANTS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_ten_steps_are_five_and_a_resume_and_five(config, precision, tmp_path):
    config = replace(config, precision=precision)
    check_resume(diffusion, config, batch(config, 20), tmp_path / "half.pt")


def test_bad_input():
    state = made(diffusion, POINTS)
    for steps in (-1, 31):
        with pytest.raises(ValueError, match=f"steps must lie in 1 to 30, got {steps}"):
            state.sample(2, steps=steps)
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        state.sample(0)
    with pytest.raises(ValueError, match=r"noise must have shape \(N, 2\), got \(4, 3\)"):
        state.generate(torch.zeros(4, 3))
    with pytest.raises(ValueError, match=r"A batch must have shape \(N, 2\), got \(4, 3\)"):
        diffusion.step(state, (torch.zeros(4, 3),))
    with pytest.raises(ValueError, match="target is 'score'; accepted are noise, sample, velocity"):
        replace(POINTS, target="score")
    with pytest.raises(ValueError, match="kind is 'x'; accepted are linear, cosine"):
        diffusion.build(replace(POINTS, schedule="x"))
