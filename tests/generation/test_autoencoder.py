"""ganbook.generation.autoencoder: the step written out, who moves, and exact resumption."""

from dataclasses import replace

import pytest
import torch

from ganbook.generation import autoencoder
from tests.generation.runs import all_moved, check_metrics, check_resume, made, uniform
from tests.steps import weights

DIGITS = autoencoder.Config(size=16, latent_dim=3, width=4)
COLOURS = replace(DIGITS, channels=3, loss="l1")


def images(config, n=6):
    return uniform(n, config.channels, config.size, config.size)


@pytest.mark.parametrize("config", [DIGITS, COLOURS])
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_metrics_and_who_moves(config, precision):
    state = made(autoencoder, replace(config, precision=precision))
    before = weights(state.network)
    metrics = autoencoder.step(state, (images(config), torch.arange(6)))
    check_metrics(metrics, ["loss"])
    assert all_moved(state.network, before)
    assert state.step == 0  # counting is fit's task


@pytest.mark.parametrize("config", [DIGITS, COLOURS])
def test_one_step_equals_the_same_step_written_out(config):
    state, peer = made(autoencoder, config), made(autoencoder, config).network
    x = images(config)
    metrics = autoencoder.step(state, (x,))
    optimizer = torch.optim.Adam(peer.parameters(), lr=1e-3)
    error = 2 * peer.decode(peer.encode(x)).sigmoid() - 1 - x
    loss = error.abs().mean() if config.loss == "l1" else (error**2).mean()
    loss.backward()
    optimizer.step()
    torch.testing.assert_close(metrics, {"loss": loss.detach()})
    torch.testing.assert_close(state.network.state_dict(), peer.state_dict())


def test_it_learns_to_copy():
    config = replace(DIGITS, latent_dim=8, width=8, learning_rate=5e-3)
    state = made(autoencoder, config)
    x = images(config, 8)
    losses = [autoencoder.step(state, (x,))["loss"].item() for _ in range(60)]
    assert losses[-1] < 0.4 * losses[0]
    assert (state.reconstruct(x) - x).square().mean() < 0.5 * x.square().mean()


@pytest.mark.parametrize("config", [DIGITS, COLOURS])
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_ten_steps_are_five_and_a_resume_and_five(config, precision, tmp_path):
    config = replace(config, precision=precision)
    check_resume(autoencoder, config, (images(config, 20),), tmp_path / "half.pt")


def test_encode_and_reconstruct():
    state = made(autoencoder, DIGITS)
    x = images(DIGITS)
    codes = state.encode(x)
    assert codes.shape == (6, 3)
    torch.testing.assert_close(state.encode(x, batch_size=2), codes)
    torch.testing.assert_close(state.reconstruct(x), state.generate(codes))


def test_bad_input():
    with pytest.raises(ValueError, match="loss is 'bce'; accepted are l1, l2"):
        autoencoder.Config(loss="bce")
    with pytest.raises(ValueError, match=r"\(N, 1, 16, 16\), got \(6, 1, 28, 28\)"):
        autoencoder.step(made(autoencoder, DIGITS), (torch.zeros(6, 1, 28, 28),))
