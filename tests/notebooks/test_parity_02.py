"""What chapter 02 builds by hand equals ganbook's."""

import math
from pathlib import Path

import pytest
import torch

from ganbook.data.matting import matting_laplacian
from ganbook.data.toy import ring_centers, sample_mixture
from ganbook.generation import diffusion
from ganbook.generation.noise_schedule import add_noise, noise_schedule
from ganbook.losses.elbo import bernoulli_nats, gaussian_nats, kl_to_standard_normal
from ganbook.models.denoiser import MLPDenoiser
from ganbook.models.vae import logits_to_images, reparameterize
from ganbook.style.efros_leung import efros_leung
from ganbook.style.quilting import minimum_cut
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02_image_generation.ipynb"
NAMES = [
    "to_images",
    "sample_gaussian_of",
    "log_normal",
    "reparameterize_by_hand",
    "kl_by_hand",
    "bernoulli_by_hand",
    "gaussian_by_hand",
    "grow",
    "cheapest_path",
    "window_matrix",
    "cosine_schedule",
    "noisy_at",
    "PerfectDenoiser",
    "PointDenoiser",
    "denoising_loss",
    "climb",
]


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, NAMES, settings={"judged": 10})


@pytest.fixture
def coded():
    torch.manual_seed(0)
    return torch.randn(6, 4), torch.randn(6, 4)  # mean, log-variance


def test_logits_become_the_same_images(chapter):
    logits = 5 * torch.randn(4, 1, 8, 8)
    torch.testing.assert_close(chapter.to_images(logits), logits_to_images(logits))


def test_the_fitted_gaussian_has_the_codes_moments(chapter):
    torch.manual_seed(0)
    codes = torch.randn(500, 3) @ torch.tensor([[1.0, 0.5, 0], [0, 1, 0.2], [0, 0, 0.1]]) + 2
    drawn = chapter.sample_gaussian_of(codes, 200_000)
    torch.testing.assert_close(drawn.mean(dim=0), codes.mean(dim=0), atol=0.01, rtol=0)
    torch.testing.assert_close(drawn.T.cov(), codes.T.cov(), atol=0.02, rtol=0.02)


def test_the_draw_is_the_same_number_for_number(chapter, coded):
    draws = []
    for draw in (chapter.reparameterize_by_hand, reparameterize):
        torch.manual_seed(1)
        draws.append(draw(*coded))
    torch.testing.assert_close(*draws)


def test_the_terms_of_the_bound(chapter, coded):
    mean, log_variance = coded
    by_hand = chapter.kl_by_hand(mean, log_variance)
    torch.testing.assert_close(by_hand, kl_to_standard_normal(mean, log_variance))
    logits, images = torch.randn(5, 1, 8, 8), torch.rand(5, 1, 8, 8) * 2 - 1
    torch.testing.assert_close(
        chapter.bernoulli_by_hand(logits, images), bernoulli_nats(logits, images)
    )
    torch.testing.assert_close(
        chapter.gaussian_by_hand(logits.tanh(), images, 0.3),
        gaussian_nats(logits.tanh(), images, 0.3),
    )


def test_log_normal_is_pytorchs(chapter):
    x = torch.linspace(-2, 3, 7)
    expected = torch.distributions.Normal(0.5, 2.0).log_prob(x)
    torch.testing.assert_close(chapter.log_normal(x, 0.5, 4.0), expected)


def test_growing_a_texture_pixel_by_pixel(chapter):
    texture = torch.rand(2, 12, 13, generator=torch.Generator().manual_seed(0))
    for window, tolerance in ((3, 0.1), (5, 1.0)):
        image, order = chapter.grow(texture, 9, window, tolerance, seed=4)
        assert torch.equal(image, efros_leung(texture, 9, window, tolerance, seed=4))
        assert order.flatten().sort().values.tolist() == list(range(1, 82))


def test_the_cut(chapter):
    for seed in range(5):
        cost = torch.rand(9, 5, generator=torch.Generator().manual_seed(seed))
        path, price = chapter.cheapest_path(cost)
        assert torch.equal(path, minimum_cut(cost))
        assert price == pytest.approx(cost[torch.arange(9), path].sum().item())


def test_the_window_matrix(chapter):
    image = torch.rand(3, 3, 3, generator=torch.Generator().manual_seed(1)) * 2 - 1
    for epsilon in (1e-6, 1e-3):
        by_hand = chapter.window_matrix(((image + 1) / 2).flatten(1).T, epsilon)
        package = torch.from_numpy(matting_laplacian(image, epsilon).toarray())
        torch.testing.assert_close(by_hand, package, atol=1e-8, rtol=0)


@pytest.mark.parametrize("steps", [25, 100, 1000])
def test_schedule(chapter, steps):
    torch.testing.assert_close(chapter.cosine_schedule(steps), noise_schedule(steps, "cosine"))


def test_the_jump(chapter):
    points, noise, share = torch.randn(9, 2), torch.randn(9, 2), torch.rand(9)
    expected = add_noise(points, noise, share)
    torch.testing.assert_close(chapter.noisy_at(points, noise, share), expected)


def both_networks(chapter, frequencies):
    torch.manual_seed(0)
    packaged = MLPDenoiser(2, 16, frequencies=frequencies)
    by_hand = chapter.PointDenoiser(frequencies, width=16)
    by_hand.load_state_dict(packaged.state_dict())
    return by_hand, packaged


@pytest.mark.parametrize("frequencies", [0, 6])
def test_denoiser(chapter, frequencies):
    by_hand, packaged = both_networks(chapter, frequencies)
    noisy, time = torch.randn(7, 2), torch.arange(7) * 14
    torch.testing.assert_close(by_hand(noisy, time), packaged(noisy, time))


def test_loss_and_gradient_are_those_of_the_packages_step(chapter):
    config = diffusion.Config(timesteps=50, schedule="cosine", width=16)
    state = diffusion.build(config)
    by_hand, state.network = both_networks(chapter, 6)
    state.optimizer = torch.optim.Adam(state.network.parameters(), lr=1e-3)
    points = torch.randn(32, 2)
    torch.manual_seed(3)
    metrics = diffusion.step(state, (points,))
    torch.manual_seed(3)
    loss = chapter.denoising_loss(by_hand, points, chapter.cosine_schedule(50))
    loss.backward()
    torch.testing.assert_close(loss.detach(), metrics["loss"])
    for ours, theirs in zip(by_hand.parameters(), state.network.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("steps", [50, 7, 1])
@pytest.mark.parametrize("bound", [1.6, None])
def test_the_way_back(chapter, eta, steps, bound):
    config = diffusion.Config(timesteps=50, schedule="cosine", width=16, clip=bound)
    state = diffusion.build(config)
    by_hand, state.network = both_networks(chapter, 6)
    noise, way = torch.randn(20, 2), []
    kept = torch.Generator().manual_seed(5)
    expected = state.generate(noise, steps, eta, kept, keep=way)
    kept = torch.Generator().manual_seed(5)
    found = chapter.climb(
        by_hand, noise, chapter.cosine_schedule(50), steps, eta, bound, generator=kept
    )
    assert len(found) == steps + 1
    for ours, theirs in zip(found[1:], way, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=2e-3, atol=2e-3)
    torch.testing.assert_close(found[-1], expected, rtol=2e-3, atol=2e-3)


def test_the_perfect_denoiser_is_the_regression_of_noise_on_points(chapter):
    """Among its own answer times 0.9, 1 and 1.1, and the answer to other data, it is the best."""
    torch.manual_seed(0)
    centers, share = ring_centers(), chapter.cosine_schedule(100)
    perfect = chapter.PerfectDenoiser(centers, 0.3, share)
    points = sample_mixture(centers, 20_000, 0.3)
    for t in (5, 50, 90):
        time, noise = torch.full((20_000,), t), torch.randn(20_000, 2)
        noisy = chapter.noisy_at(points, noise, share[time])
        answer = perfect(noisy, time)
        losses = {k: ((k * answer - noise) ** 2).mean().item() for k in (0.9, 1.0, 1.1)}
        assert losses[1.0] < min(losses[0.9], losses[1.1])
        other = chapter.PerfectDenoiser(centers, 0.5, share)(noisy, time)
        assert losses[1.0] < ((other - noise) ** 2).mean().item() or t == 90


def test_a_single_spot_has_the_textbook_answer(chapter):
    share = chapter.cosine_schedule(100)
    one = chapter.PerfectDenoiser(torch.tensor([[1.0, -0.5]]), 0.2, share)
    a = share[30].item()
    noisy = torch.tensor([[0.7, 0.1]])
    expected = math.sqrt(1 - a) * (noisy - math.sqrt(a) * torch.tensor([1.0, -0.5]))
    expected = expected / (a * 0.2**2 + 1 - a)
    torch.testing.assert_close(one(noisy, torch.tensor([30])), expected)
