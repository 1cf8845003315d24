"""ganbook.generation.glo: who moves, the ball, sampling, exact resumption."""

from dataclasses import replace

import pytest
import torch

from ganbook.generation import glo
from tests.generation.runs import all_moved, check_metrics, check_resume, made, uniform
from tests.steps import weights

DIGITS = glo.Config(images=20, size=16, latent_dim=5, width=4)
COLOURS = replace(DIGITS, channels=3, loss="l1")
VARIANTS = [DIGITS, COLOURS, replace(DIGITS, loss="l2", learn_codes=False)]


def data(config):
    images = uniform(config.images, config.channels, config.size, config.size)
    return images, torch.arange(config.images)


def batch(config, n=6):
    return tuple(part[2 : 2 + n] for part in data(config))


@pytest.mark.parametrize("config", VARIANTS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_only_the_batchs_codes_move(config, precision):
    state = made(glo, replace(config, precision=precision))
    for numbers in (slice(2, 8), slice(10, 16)):  # the second time there is momentum too
        decoder, codes = weights(state.network.decoder), state.network.codes.weight.detach().clone()
        metrics = glo.step(state, tuple(part[numbers] for part in data(config)))
        check_metrics(metrics, ["loss", "code_norm"])
        assert all_moved(state.network.decoder, decoder)
        moved = (state.network.codes.weight != codes).any(1)
        expected = torch.zeros(20, dtype=torch.bool)
        expected[numbers] = config.learn_codes
        # Fixed codes lie on the sphere; the projection may round them.
        if config.learn_codes:
            assert torch.equal(moved, expected)
        else:
            torch.testing.assert_close(state.network.codes.weight.detach(), codes)
    assert state.step == 0  # counting is fit's task


def test_codes_start_on_the_sphere_and_stay_in_the_ball():
    state = made(glo, replace(DIGITS, code_learning_rate=0.3))
    torch.testing.assert_close(state.network.codes.weight.norm(dim=1), torch.ones(20))
    for _ in range(5):
        metrics = glo.step(state, data(DIGITS))
        norms = state.network.codes.weight.norm(dim=1)
        assert norms.max() <= 1 + 1e-6
    torch.testing.assert_close(metrics["code_norm"], norms.mean().detach())


def test_projection_by_hand():
    z = torch.tensor([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0], [0.0, -1.0]])
    expected = torch.tensor([[0.6, 0.8], [0.3, 0.4], [0.0, 0.0], [0.0, -1.0]])
    torch.testing.assert_close(glo.project_to_ball(z), expected)


@pytest.mark.parametrize("loss", ["l1", "l2"])
def test_one_step_equals_the_same_step_written_out(loss):
    config = replace(DIGITS, loss=loss)
    state, peer = made(glo, config), made(glo, config).network
    images, numbers = batch(config)
    metrics = glo.step(state, (images, numbers))

    codes = peer.codes.weight.detach()[numbers].requires_grad_()
    adam = torch.optim.Adam(
        [
            {"params": list(peer.decoder.parameters()), "lr": 1e-3},
            {"params": [codes], "lr": 1e-2, "eps": 1e-15},
        ]
    )
    error = 2 * peer.decode(codes).sigmoid() - 1 - images
    value = error.abs().mean() if loss == "l1" else (error**2).mean()
    value.backward()
    adam.step()
    torch.testing.assert_close(metrics["loss"], value.detach())
    torch.testing.assert_close(state.network.decoder.state_dict(), peer.decoder.state_dict())
    shortened = glo.project_to_ball(codes.detach())
    torch.testing.assert_close(state.network.codes.weight.detach()[numbers], shortened)


def test_learned_codes_fit_better_than_noise():
    """A family of images with two parameters, which random codes know nothing about."""
    slopes = uniform(200, 2, 1, 1)
    line = torch.linspace(-1, 1, 16)
    images = (2 * slopes[:, :1] * line + 2 * slopes[:, 1:] * line[:, None]).tanh()[:, None]
    images, numbers, losses = images.view(200, 1, 16, 16), torch.arange(200), {}
    for learn in (True, False):
        config = replace(DIGITS, images=200, loss="l2", width=8, learn_codes=learn)
        state = made(glo, replace(config, learning_rate=3e-3, code_learning_rate=0.05))
        for _ in range(40):
            losses[learn] = glo.step(state, (images, numbers))["loss"].item()
    assert losses[True] < 0.5 * losses[False]


def test_new_codes_are_drawn_from_the_gaussian_that_fits():
    state = made(glo, DIGITS)
    with torch.no_grad():  # an uneven cloud, flat in its last coordinate
        state.network.codes.weight[:] = uniform(20, 5) * torch.tensor([0.5, 0.1, 0.3, 0.2, 0.0])
    codes = state.network.codes.weight.detach()
    z = state.latents(50_000, torch.Generator().manual_seed(0))
    assert z.shape == (50_000, 5)
    torch.testing.assert_close(z.mean(0), codes.mean(0), atol=0.008, rtol=0)
    torch.testing.assert_close(z.T.cov(), codes.T.cov(), atol=0.004, rtol=0)
    assert z[:, 4].abs().max() < 1e-6
    assert torch.equal(state.sample(3, seed=1), state.sample(3, seed=1))
    assert state.sample(3).shape == (3, 1, 16, 16)


def test_fewer_images_than_coordinates_can_be_sampled_too():
    state = made(glo, replace(DIGITS, images=3))
    assert state.latents(7).shape == (7, 5)


def test_reconstruct_decodes_the_images_own_codes():
    state = made(glo, DIGITS)
    numbers = torch.tensor([4, 0])
    expected = state.generate(state.network.codes.weight.detach()[[4, 0]])
    torch.testing.assert_close(state.reconstruct(numbers), expected)


@pytest.mark.parametrize("config", VARIANTS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_ten_steps_are_five_and_a_resume_and_five(config, precision, tmp_path):
    config = replace(config, precision=precision)
    check_resume(glo, config, data(config), tmp_path / "half.pt")


def test_bad_input():
    with pytest.raises(ValueError, match="loss is 'mse'; accepted are laplacian, l1, l2"):
        glo.Config(images=4, loss="mse")
    with pytest.raises(ValueError, match="images must be at least 2, got 1"):
        glo.Config(images=1)
    state = made(glo, DIGITS)
    images, numbers = batch(DIGITS)
    for wrong in ((images,), (images, numbers.float()), (images, numbers[:3])):
        with pytest.raises(ValueError, match=r"images \(N, C, H, W\) and their int64 numbers"):
            glo.step(state, wrong)
