"""ganbook.generation.vae: the step written out, who moves, beta, and exact resumption."""

from dataclasses import replace

import pytest
import torch
from torch.distributions import Normal, kl_divergence
from torch.nn.functional import binary_cross_entropy_with_logits

from ganbook.generation import vae
from tests.generation.runs import all_moved, check_metrics, check_resume, made, uniform
from tests.steps import weights

DIGITS = vae.Config(size=16, latent_dim=3, width=4)
COLOURS = replace(DIGITS, channels=3, likelihood="gaussian", variance=0.1, beta=0.5)
VARIANTS = [DIGITS, COLOURS, replace(DIGITS, warmup_steps=8)]


def images(config, n=6):
    return uniform(n, config.channels, config.size, config.size)


@pytest.mark.parametrize("config", VARIANTS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_metrics_and_who_moves(config, precision):
    state = made(vae, replace(config, precision=precision))
    before = weights(state.network)
    metrics = vae.step(state, (images(config), torch.arange(6)))  # labels are not looked at
    check_metrics(metrics, ["loss", "reconstruction", "kl"])
    assert all_moved(state.network, before)  # encoder and decoder
    assert state.step == 0  # counting is fit's task
    assert metrics["kl"] >= 0


@pytest.mark.parametrize("config", [DIGITS, COLOURS])
def test_one_step_equals_the_same_step_written_out(config):
    state, peer = made(vae, config), made(vae, config).network
    x = images(config)
    torch.manual_seed(5)
    metrics = vae.step(state, (x,))

    torch.manual_seed(5)
    optimizer = torch.optim.Adam(peer.parameters(), lr=1e-3)
    mean, log_variance = peer.encode(x)
    q = Normal(mean, (0.5 * log_variance).exp())
    logits = peer.decode(mean + q.stddev * torch.randn(6, 3))
    if config.likelihood == "bernoulli":
        nats = 6 * binary_cross_entropy_with_logits(logits, (x + 1) / 2) * x[0].numel() / 6
    else:
        nats = -Normal(2 * logits.sigmoid() - 1, 0.1**0.5).log_prob(x).sum() / 6
    kl = kl_divergence(q, Normal(0.0, 1.0)).sum() / 6
    loss = nats + config.beta * kl
    loss.backward()
    optimizer.step()

    expected = {"loss": loss.detach(), "reconstruction": nats.detach(), "kl": kl.detach()}
    torch.testing.assert_close(metrics, expected)
    torch.testing.assert_close(state.network.state_dict(), peer.state_dict())


def test_beta_rises_evenly_and_stays():
    config = replace(DIGITS, beta=2.0, warmup_steps=4)
    assert [vae.beta_at(config, step) for step in range(6)] == [0, 0.5, 1, 1.5, 2, 2]
    assert vae.beta_at(replace(config, warmup_steps=0), 0) == 2
    state = made(vae, config)
    metrics = vae.step(state, (images(config),))
    assert metrics["loss"] == metrics["reconstruction"]  # at step 0 nothing weighs the KL term
    state.step = 2
    metrics = vae.step(state, (images(config),))
    torch.testing.assert_close(metrics["loss"], metrics["reconstruction"] + metrics["kl"])


def test_a_large_beta_makes_the_posterior_collapse_and_a_small_one_does_not():
    x, kl = images(DIGITS), {}
    for beta in (0.0, 100.0):
        state = made(vae, replace(DIGITS, beta=beta, learning_rate=1e-2))
        for _ in range(40):
            metrics = vae.step(state, (x,))
        kl[beta] = metrics["kl"].item()
    assert kl[100.0] < 0.1 and kl[0.0] > 3


@pytest.mark.parametrize("config", VARIANTS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_ten_steps_are_five_and_a_resume_and_five(config, precision, tmp_path):
    config = replace(config, precision=precision)
    check_resume(vae, config, (images(config, 20),), tmp_path / "half.pt")


def test_encode_and_reconstruct_use_the_mean():
    state = made(vae, DIGITS)
    x = images(DIGITS)
    mean, log_variance = state.encode(x)
    assert mean.shape == log_variance.shape == (6, 3)
    state.network.eval()
    with torch.no_grad():
        torch.testing.assert_close(state.network.encode(x), (mean, log_variance))
    torch.testing.assert_close(state.reconstruct(x), state.generate(mean))
    assert torch.equal(state.reconstruct(x), state.reconstruct(x))  # nothing is drawn
    torch.testing.assert_close(state.encode(x, batch_size=2)[1], log_variance)


def test_bad_input():
    for change, message in (
        ({"likelihood": "mse"}, "likelihood is 'mse'; accepted are bernoulli, gaussian"),
        ({"variance": 0.0}, "variance must be positive, got 0.0"),
        ({"beta": -1.0}, "beta must not be negative, got -1.0"),
        ({"warmup_steps": -5}, "warmup_steps must not be negative, got -5"),
    ):
        with pytest.raises(ValueError, match=message):
            vae.Config(**change)
    with pytest.raises(ValueError, match="precision is 'fp16'"):
        vae.build(replace(DIGITS, precision="fp16"))
    with pytest.raises(ValueError, match=r"\(N, 1, 16, 16\), got \(6, 1, 28, 28\)"):
        vae.step(made(vae, DIGITS), (torch.zeros(6, 1, 28, 28),))
