"""ganbook.losses.elbo: against torch.distributions, Monte Carlo and values worked by hand."""

import math
from functools import partial

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from ganbook.losses.elbo import (
    bernoulli_nats,
    gaussian_nats,
    kl_to_standard_normal,
    negative_elbo,
)


@pytest.fixture
def codes():
    generator = torch.Generator().manual_seed(0)
    mean = torch.randn(6, 4, generator=generator)
    return mean, torch.randn(6, 4, generator=generator)


@pytest.fixture
def images():
    generator = torch.Generator().manual_seed(1)
    logits = 3 * torch.randn(5, 2, 3, 4, generator=generator)
    return logits, torch.rand(5, 2, 3, 4, generator=generator) * 2 - 1


def test_kl_equals_torch_distributions(codes):
    mean, log_variance = codes
    peer = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0))
    found = kl_to_standard_normal(mean, log_variance)
    assert found.shape == (6, 4)
    torch.testing.assert_close(found, peer)


def test_kl_equals_monte_carlo(codes):
    """The mean of log q(z) - log p(z) over draws from q, within four standard errors."""
    mean, log_variance = codes
    torch.manual_seed(0)
    q = Normal(mean, (0.5 * log_variance).exp())
    z = q.sample((20_000,))
    terms = q.log_prob(z) - Normal(0.0, 1.0).log_prob(z)
    error = terms.std(0) / len(z) ** 0.5
    found = kl_to_standard_normal(mean, log_variance)
    assert ((found - terms.mean(0)).abs() < 4 * error + 1e-6).all()
    assert (error < 0.02 * (1 + found)).all()  # so the test says something


def test_kl_by_hand():
    mean = torch.tensor([[0.0, 2.0, 0.0]])
    log_variance = torch.tensor([[0.0, 0.0, math.log(4)]])
    found = kl_to_standard_normal(mean, log_variance)[0]
    assert found.tolist() == pytest.approx([0, 2, 0.5 * (4 - 1 - math.log(4))])


def test_kl_is_least_at_the_prior_and_never_negative():
    zero = torch.zeros(1, 1, requires_grad=True)
    other = torch.zeros(1, 1, requires_grad=True)
    kl_to_standard_normal(zero, other).sum().backward()
    assert zero.grad.item() == other.grad.item() == 0
    # Near the prior exp(v) - 1 would lose all digits; log-variances of 1e-4 show it.
    tiny = torch.tensor([[1e-4, -1e-4]])
    found = kl_to_standard_normal(torch.zeros(1, 2), tiny)
    assert (found > 0).all() and found.mean().item() == pytest.approx(1e-8 / 4, rel=0.05)


def test_bernoulli_equals_torch_distributions(images):
    logits, x = images
    black_and_white = torch.where(x > 0, 1.0, -1.0)
    peer = -Bernoulli(logits=logits).log_prob((black_and_white + 1) / 2).sum((1, 2, 3))
    found = bernoulli_nats(logits, black_and_white)
    assert found.shape == (5,)
    torch.testing.assert_close(found, peer)


def test_bernoulli_is_a_sum_over_pixels_by_hand():
    zeros = torch.zeros(1, 1, 32, 32)
    assert bernoulli_nats(zeros, zeros - 1).item() == pytest.approx(1024 * math.log(2))
    # A grey pixel costs its entropy even where the logit is right: sigma(l) = t = 1/2 or 3/4.
    right = torch.tensor([[0.0, math.log(3)]])
    grey = torch.tensor([[0.0, 0.5]])
    entropy = math.log(2) - 0.75 * math.log(0.75) - 0.25 * math.log(0.25)
    assert bernoulli_nats(right, grey).item() == pytest.approx(entropy)
    assert bernoulli_nats(torch.tensor([[-500.0, 500.0]]), torch.tensor([[-1.0, 1.0]])).item() == 0


def test_bernoullis_gradient_is_probability_minus_target(images):
    logits, x = images
    logits.requires_grad_()
    bernoulli_nats(logits, x).sum().backward()
    torch.testing.assert_close(logits.grad, logits.detach().sigmoid() - (x + 1) / 2)


@pytest.mark.parametrize("variance", [0.05, 1.0, 3.0])
def test_gaussian_equals_torch_distributions(images, variance):
    mean, x = images
    peer = -Normal(mean, variance**0.5).log_prob(x).sum((1, 2, 3))
    found = gaussian_nats(mean, x, variance)
    assert found.shape == (5,)
    torch.testing.assert_close(found, peer)


def test_gaussian_is_the_squared_error_with_a_weight_and_a_constant(images):
    mean, x = images
    pixels, variance = x[0].numel(), 0.1
    constant = 0.5 * pixels * math.log(2 * math.pi * variance)
    squares = (mean - x).square().flatten(1)
    expected = squares.sum(1) / (2 * variance) + constant
    torch.testing.assert_close(gaussian_nats(mean, x, variance), expected)
    assert gaussian_nats(x, x, variance)[0].item() == pytest.approx(constant, rel=1e-4)
    assert constant < 0  # a density


def test_the_sum_keeps_beta_one_in_proportion(codes):
    """A mean over pixels would weigh the KL term as many times as there are pixels."""
    kl = kl_to_standard_normal(*codes)
    reconstruction = torch.arange(6.0)
    for beta in (0.0, 1.0, 4.0):
        expected = (reconstruction + beta * kl.sum(1)).sum() / 6
        torch.testing.assert_close(negative_elbo(reconstruction, kl, beta), expected)
    assert negative_elbo(torch.full((2,), 7.0), torch.ones(2, 3)).item() == 10


def test_the_bound_holds_and_is_tight_at_the_true_posterior():
    """z ~ N(0, 1), x given z ~ N(z, v): then x ~ N(0, 1 + v) and the posterior is known."""
    v, x = 0.5, torch.tensor([[1.3]])
    evidence = -Normal(0.0, (1 + v) ** 0.5).log_prob(x).item()
    epsilon = torch.randn(200_000, 1, generator=torch.Generator().manual_seed(0))

    def bound(mean, variance):
        mean, log_variance = torch.tensor([[mean]]), torch.tensor([[variance]]).log()
        z = mean + variance**0.5 * epsilon
        reconstruction = gaussian_nats(z, x.expand_as(z), v)
        kl = kl_to_standard_normal(mean, log_variance).expand(len(z), 1)
        return negative_elbo(reconstruction, kl).item()

    assert bound(1.3 / (1 + v), v / (1 + v)) == pytest.approx(evidence, abs=0.01)
    assert bound(0.0, 1.0) > evidence + 0.5
    assert bound(1.3, 0.1) > evidence + 0.1


def test_results_do_not_depend_on_the_batch(codes, images):
    for function, arguments in (
        (bernoulli_nats, images),
        (partial(gaussian_nats, variance=0.1), images),
        (kl_to_standard_normal, codes),
    ):
        alone = function(*(part[:2] for part in arguments))
        torch.testing.assert_close(alone, function(*arguments)[:2])


def test_bad_input():
    a, b = torch.zeros(2, 3), torch.zeros(3, 2)
    with pytest.raises(ValueError, match=r"logits and images must have one shape, got \(2, 3\)"):
        bernoulli_nats(a, b)
    with pytest.raises(ValueError, match=r"mean and images must have one shape"):
        gaussian_nats(a, b, 1.0)
    with pytest.raises(ValueError, match=r"mean and log_variance must have one shape"):
        kl_to_standard_normal(a, b)
    for variance in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match=f"variance must be positive, got {variance}"):
            gaussian_nats(a, a, variance)
    with pytest.raises(ValueError, match=r"reconstruction must have shape \(N,\) and kl"):
        negative_elbo(a, a)
    with pytest.raises(ValueError, match=r"got \(2,\) and \(3, 2\)"):
        negative_elbo(torch.zeros(2), b)
    with pytest.raises(ValueError, match="beta must not be negative, got -1"):
        negative_elbo(torch.zeros(2), a, -1)
