"""ganbook.losses.gradient_penalty: closed forms, one norm a sample, and where gradients go."""

import math

import pytest
import torch
from torch import nn

from ganbook.losses.gradient_penalty import gradient_penalty, r1_penalty
from ganbook.models.dcgan import DCGANDiscriminator
from ganbook.models.mlp import MLPDiscriminator, MLPGenerator


class Linear(nn.Module):
    """Score = the sum of w x over all entries of a sample: the gradient is w everywhere."""

    def __init__(self, shape, scale=1.0):
        super().__init__()
        generator = torch.Generator().manual_seed(4)
        self.weight = nn.Parameter(scale * torch.randn(shape, generator=generator))

    def forward(self, x):
        return (self.weight * x).flatten(1).sum(dim=1)


def half_square(x):
    """Score = half the squared norm: the gradient of a sample is the sample itself."""
    return 0.5 * x.flatten(1).square().sum(dim=1)


@pytest.fixture
def samples():
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(8, 3, 4, 4, generator=generator) for _ in range(2)]


@pytest.mark.parametrize("target", [1.0, 0.0, 2.5])
@pytest.mark.parametrize("scale", [0.01, 1.0])  # below and above the norm of 1
def test_a_linear_critic_in_closed_form(samples, target, scale):
    critic = Linear((3, 4, 4), scale)
    norm = critic.weight.detach().norm().item()
    found = gradient_penalty(critic, *samples, target=target)
    assert found.shape == ()
    assert found.item() == pytest.approx((norm - target) ** 2, rel=1e-5)
    found.backward()  # d/dw (|w| - t)^2 = 2 (|w| - t) w / |w|
    expected = 2 * (norm - target) * critic.weight.detach() / norm
    torch.testing.assert_close(critic.weight.grad, expected)


def test_r1_of_a_linear_discriminator_in_closed_form(samples):
    discriminator = Linear((3, 4, 4))
    found = r1_penalty(discriminator, samples[0])
    assert found.item() == pytest.approx(0.5 * discriminator.weight.square().sum().item())
    found.backward()
    torch.testing.assert_close(discriminator.weight.grad, discriminator.weight.detach())


def test_each_sample_has_its_own_norm():
    x = torch.tensor([[3.0, 4.0], [0.0, 1.0], [0.0, 0.0]])  # norms 5, 1, 0
    assert gradient_penalty(half_square, x, x).item() == pytest.approx((16 + 0 + 1) / 3)
    assert gradient_penalty(half_square, x, x, target=0.0).item() == pytest.approx(26 / 3)
    assert r1_penalty(half_square, x).item() == pytest.approx(26 / 6)


def test_each_sample_has_its_own_place_between_real_and_fake(samples):
    real, fake = samples
    found = gradient_penalty(half_square, real, fake, generator=torch.Generator().manual_seed(7))
    epsilon = torch.rand(8, 1, 1, 1, generator=torch.Generator().manual_seed(7))
    norms = (epsilon * real + (1 - epsilon) * fake).flatten(1).norm(dim=1)
    assert found.item() == pytest.approx((norms - 1).square().mean().item(), rel=1e-5)
    assert epsilon.unique().numel() == 8


def test_places_spread_evenly_over_each_line():
    """From 0 to 1 the mean of (x - 1)^2 for an even x is 1/3; with one epsilon it would vary."""
    real, fake = torch.ones(20_000, 1), torch.zeros(20_000, 1)
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        found = gradient_penalty(half_square, real, fake, generator=generator).item()
        assert found == pytest.approx(1 / 3, abs=0.01)


def test_the_mean_of_parts_is_the_whole(samples):
    critic, (real, fake) = Linear((3, 4, 4)), samples
    network = nn.Sequential(nn.Flatten(), nn.Linear(48, 8), nn.Tanh(), nn.Linear(8, 1))
    for judge in (critic, network):
        whole = gradient_penalty(judge, real, fake, generator=torch.Generator().manual_seed(1))
        generator = torch.Generator().manual_seed(1)
        parts = [
            gradient_penalty(judge, r, f, generator=generator)
            for r, f in zip(real.split(2), fake.split(2))
        ]
        torch.testing.assert_close(torch.stack(parts).mean(), whole)
        parts = [r1_penalty(judge, r) for r in real.split(2)]
        torch.testing.assert_close(torch.stack(parts).mean(), r1_penalty(judge, real))


@pytest.mark.parametrize("shape", [(6,), (6, 1), (6, 1, 3, 3)])
def test_scores_may_be_a_vector_or_a_map(shape):
    x = torch.randn(6, 5)

    def judge(inputs):
        return inputs.sum(dim=1).view(-1, *[1] * (len(shape) - 1)).expand(shape)

    steep = math.prod(shape[1:]) * math.sqrt(5)
    assert gradient_penalty(judge, x, x).item() == pytest.approx((steep - 1) ** 2, rel=1e-5)


def test_the_second_derivative_by_finite_differences():
    torch.manual_seed(0)
    critic = MLPDiscriminator((2,), 8)
    for module in critic.modules():
        if isinstance(module, nn.LeakyReLU):  # smooth, so that differences make sense
            module.forward = torch.tanh
    real, fake = torch.randn(16, 2), torch.randn(16, 2)

    def penalties():
        generator = torch.Generator().manual_seed(0)
        yield gradient_penalty(critic, real, fake, generator=generator)
        yield r1_penalty(critic, real)

    weight, h = critic.layers[3].weight, 1e-2
    for index in range(2):
        (gradient,) = torch.autograd.grad(list(penalties())[index], weight)
        with torch.no_grad():
            values = []
            for shift in (h, -2 * h, h):
                weight[1, 2] += shift
                with torch.enable_grad():
                    values.append(list(penalties())[index].item())
        difference = (values[0] - values[1]) / (2 * h)
        assert gradient[1, 2].item() == pytest.approx(difference, rel=0.05, abs=1e-4)


def test_gradients_reach_the_critic_and_not_the_generator():
    torch.manual_seed(0)
    generator, critic = MLPGenerator(3, (2,), 8), MLPDiscriminator((2,), 8)
    real = torch.randn(6, 2, requires_grad=True)
    (
        gradient_penalty(critic, real, generator(torch.randn(6, 3))) + r1_penalty(critic, real)
    ).backward()
    weights = [p for name, p in critic.named_parameters() if name.endswith("weight")]
    assert all(p.grad is not None and p.grad.any() for p in weights)
    assert all(p.grad is None for p in generator.parameters())
    assert real.grad is None and real.requires_grad


def test_a_flat_critic_gives_no_nan():
    critic = MLPDiscriminator((2,), 8)
    for parameter in critic.parameters():
        nn.init.zeros_(parameter)
    loss = gradient_penalty(critic, torch.ones(4, 2), torch.zeros(4, 2))
    loss.backward()
    assert loss.item() == pytest.approx(1.0)
    assert all(p.grad is None or p.grad.isfinite().all() for p in critic.parameters())


def test_float32_inside_autocast():
    torch.manual_seed(0)
    critic = DCGANDiscriminator(1, 16, 4, norm="instance")
    real, fake = torch.rand(2, 4, 1, 16, 16)
    plain = gradient_penalty(critic, real, fake, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        generator = torch.Generator().manual_seed(0)
        inside = gradient_penalty(critic, real, fake, generator=generator)
        flat = r1_penalty(critic, real)
    assert inside.dtype == flat.dtype == torch.float32
    torch.testing.assert_close(inside, plain, rtol=0, atol=0)
    half = gradient_penalty(critic, real.bfloat16(), fake.bfloat16())  # a fake of an autocast pass
    assert half.dtype == torch.float32


def test_batch_norm_mixes_the_samples():
    """Why both refuse it in ``gans.stable``: a score then moves with the other samples."""
    torch.manual_seed(0)
    x = torch.rand(6, 1, 16, 16)
    for norm, alone in (("batch", False), ("instance", True), ("none", True)):
        critic = DCGANDiscriminator(1, 16, 4, norm=norm)
        whole = r1_penalty(critic, x)
        parts = torch.stack([r1_penalty(critic, part) for part in x.split(3)]).mean()
        assert torch.allclose(whole, parts, rtol=1e-3) == alone


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match=r"one shape, got \(4, 2\) and \(3, 2\)"):
        gradient_penalty(half_square, torch.zeros(4, 2), torch.zeros(3, 2))
