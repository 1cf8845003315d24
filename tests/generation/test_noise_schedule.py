"""ganbook.generation.noise_schedule: the papers' numbers, and DDPM's step as a special case."""

import pytest
import torch

from ganbook.generation.noise_schedule import add_noise, noise_schedule, remove_noise


@pytest.mark.parametrize("kind", ["linear", "cosine"])
@pytest.mark.parametrize("timesteps", [25, 50, 200, 1000])
def test_the_signal_falls_from_almost_all_to_almost_nothing(kind, timesteps):
    signal = noise_schedule(timesteps, kind)
    assert signal.shape == (timesteps,) and signal.dtype == torch.float32
    assert (signal.diff() < 0).all()
    assert 0.98 < signal[0] < 1 and 0 < signal[-1] < 1e-3


def test_the_papers_numbers():
    linear = noise_schedule(1000, "linear")
    betas = torch.linspace(1e-4, 0.02, 1000)
    torch.testing.assert_close(linear, (1 - betas).cumprod(0), rtol=1e-4, atol=0)
    assert linear[-1].item() == pytest.approx(4e-5, rel=0.02)
    # In the middle: cos(0.508 / 1.008 pi / 2)^2 over its value at the start.
    cosine = noise_schedule(1000, "cosine")
    assert cosine[499].item() == pytest.approx(0.4938, abs=2e-4)


def test_added_noise_by_hand():
    samples, noise = torch.tensor([[3.0, -1.0], [2.0, 2.0]]), torch.tensor([[1.0, 0.5], [-1, 0]])
    found = add_noise(samples, noise, torch.tensor([0.64, 0.36]))
    expected = torch.tensor([[2.4 + 0.6, -0.8 + 0.3], [1.2 - 0.8, 1.2]])
    torch.testing.assert_close(found, expected)
    images = torch.ones(2, 1, 4, 4)
    assert add_noise(images, images, torch.tensor([0.64, 0.36])).shape == images.shape


def test_the_right_noise_leads_back_in_one_step():
    torch.manual_seed(0)
    samples, noise = torch.randn(5, 2), torch.randn(5, 2)
    noisy = add_noise(samples, noise, torch.full((5,), 0.3))
    torch.testing.assert_close(remove_noise(noisy, noise, 0.3, 1.0), samples)
    # ... and part of the way to the sample with less of the same noise.
    expected = add_noise(samples, noise, torch.full((5,), 0.7))
    torch.testing.assert_close(remove_noise(noisy, noise, 0.3, 0.7), expected)


def test_eta_one_is_ddpms_ancestral_step():
    """Ho et al., algorithm 2: its mean, and the posterior variance of equation 7."""
    torch.manual_seed(0)
    signal = noise_schedule(100, "linear")
    noisy, predicted, fresh = torch.randn(3, 6, 2)
    for t in (99, 40, 1):
        now, before = signal[t].double(), signal[t - 1].double()
        alpha = now / before
        mean = (noisy - (1 - alpha) / (1 - now).sqrt() * predicted) / alpha.sqrt()
        variance = (1 - before) / (1 - now) * (1 - alpha)
        expected = mean + variance.sqrt() * fresh
        found = remove_noise(noisy, predicted, now.item(), before.item(), fresh, eta=1.0)
        torch.testing.assert_close(found.double(), expected.double(), atol=1e-4, rtol=1e-4)
    # The last step draws nothing.
    last = remove_noise(noisy, predicted, signal[0].item(), 1.0, fresh, eta=1.0)
    torch.testing.assert_close(last, remove_noise(noisy, predicted, signal[0].item(), 1.0))


def test_noise_on_the_way_keeps_the_variance_at_every_eta():
    """If x and the noise are standard normal and the prediction is right, x_s is normal too."""
    torch.manual_seed(0)
    samples, noise, fresh = torch.randn(3, 40_000)
    noisy = add_noise(samples, noise, torch.full((40_000,), 0.2))
    for eta in (0.0, 0.5, 1.0):
        earlier = remove_noise(noisy, noise, 0.2, 0.6, fresh, eta)
        assert earlier.var().item() == pytest.approx(1, abs=4 * (2 / 40_000) ** 0.5)
        share = (earlier * samples).mean().item()
        assert share == pytest.approx(0.6**0.5, abs=0.02)


def test_clipping_bounds_the_clean_estimate():
    noisy, predicted = torch.tensor([[5.0, -5.0, 0.1]]), torch.zeros(1, 3)
    found = remove_noise(noisy, predicted, 0.25, 1.0, clip=1.0)
    torch.testing.assert_close(found, torch.tensor([[1.0, -1.0, 0.2]]))
    wider = remove_noise(noisy, predicted, 0.25, 1.0, clip=1.5)
    torch.testing.assert_close(wider, torch.tensor([[1.5, -1.5, 0.2]]))
    # Where nothing is clipped, nothing changes.
    free, kept = (remove_noise(noisy / 50, predicted, 0.25, 0.5, clip=c) for c in (None, 1.0))
    torch.testing.assert_close(free, kept)


def test_a_small_error_at_the_end_of_the_cosine_schedule_is_a_large_one_of_the_sample():
    """What happened to points in ten steps without clip, and does not with it."""
    signal = noise_schedule(100, "cosine")
    last, earlier = signal[-1].item(), signal[89].item()
    point, noise = torch.tensor([[1.0, 0.5]]), torch.tensor([[0.3, -0.2]])
    noisy = add_noise(point, noise, signal[-1:])
    wrong = noise + 0.01  # the network is off by 0.01
    factor = (earlier / last) ** 0.5 * 0.01
    free = remove_noise(noisy, wrong, last, earlier)
    exact = remove_noise(noisy, noise, last, earlier)
    assert (free - exact).abs().mean().item() == pytest.approx(factor, rel=0.1) and factor > 2
    clipped = remove_noise(noisy, wrong, last, earlier, clip=1.5)
    assert (clipped - exact).abs().max() < 0.5


def test_bad_input():
    with pytest.raises(ValueError, match="kind is 'sigmoid'; accepted are linear, cosine"):
        noise_schedule(100, "sigmoid")
    with pytest.raises(ValueError, match="timesteps must be at least 25, got 10"):
        noise_schedule(10)
    x = torch.zeros(2, 2)
    with pytest.raises(ValueError, match=r"got \(2, 2\), \(2, 3\) and \(2,\)"):
        add_noise(x, torch.zeros(2, 3), torch.ones(2))
    with pytest.raises(ValueError, match=r"got \(2, 2\), \(2, 2\) and \(3,\)"):
        add_noise(x, x, torch.ones(3))
    for signal, earlier in ((0.5, 0.5), (0.6, 0.5), (0.0, 0.5), (0.5, 1.1)):
        with pytest.raises(ValueError, match=f"needed, got {signal} and {earlier}"):
            remove_noise(x, x, signal, earlier)
    for eta, fresh in ((1.5, x), (-0.1, x), (0.5, None)):
        with pytest.raises(ValueError, match=rf"eta must lie in \[0, 1\].*got {eta}"):
            remove_noise(x, x, 0.5, 0.6, fresh, eta)
