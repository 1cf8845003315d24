"""ganbook.losses.adversarial: values, gradients, and independence of the batches."""

import copy
import math
import pickle

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from ganbook.losses.adversarial import (
    AdversarialLoss,
    discriminator_loss,
    hinge_discriminator_loss,
    hinge_generator_loss,
    least_squares_discriminator_loss,
    least_squares_generator_loss,
    minimax_generator_loss,
    nonsaturating_generator_loss,
    wasserstein_critic_loss,
    wasserstein_generator_loss,
)

LOG2 = math.log(2)
GENERATOR_LOSSES = [minimax_generator_loss, nonsaturating_generator_loss]


@pytest.fixture
def logits():
    generator = torch.Generator().manual_seed(0)
    return [4 * torch.randn(24, generator=generator, dtype=torch.float64) for _ in range(2)]


@pytest.mark.parametrize("shape", [(6,), (6, 1), (6, 1, 3, 3)])
def test_values_at_logit_zero(shape):
    zeros = torch.zeros(shape)
    for smoothing in (0.0, 0.1):  # at D = 1/2 both targets cost the same
        loss = discriminator_loss(zeros, zeros, smoothing)
        assert loss.shape == ()
        assert loss.item() == pytest.approx(2 * LOG2, rel=1e-6)
    assert minimax_generator_loss(zeros).shape == ()
    assert minimax_generator_loss(zeros).item() == pytest.approx(-LOG2, rel=1e-6)
    assert nonsaturating_generator_loss(zeros).shape == ()
    assert nonsaturating_generator_loss(zeros).item() == pytest.approx(LOG2, rel=1e-6)


def test_values_by_hand():
    # D(x) = 3/4 and D(G(z)) = 1/5, so the logits are log 3 and -log 4.
    real, fake = torch.tensor([math.log(3)]), torch.tensor([-math.log(4)])
    assert discriminator_loss(real, fake).item() == pytest.approx(math.log(4 / 3) + math.log(5 / 4))
    smoothed = 0.9 * math.log(4 / 3) + 0.1 * math.log(4) + math.log(5 / 4)
    assert discriminator_loss(real, fake, 0.1).item() == pytest.approx(smoothed)
    assert minimax_generator_loss(fake).item() == pytest.approx(math.log(4 / 5))
    assert nonsaturating_generator_loss(fake).item() == pytest.approx(math.log(5))


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.3])
def test_equals_torchs_binary_cross_entropy(logits, smoothing):
    real, fake = logits
    expected = bce(real, torch.full_like(real, 1 - smoothing)) + bce(fake, torch.zeros_like(fake))
    torch.testing.assert_close(discriminator_loss(real, fake, smoothing), expected)
    ones = torch.ones_like(fake)
    torch.testing.assert_close(nonsaturating_generator_loss(fake), bce(fake, ones))
    torch.testing.assert_close(minimax_generator_loss(fake), -bce(fake, torch.zeros_like(fake)))


def gradient(loss, logits):
    logits = logits.clone().requires_grad_()
    loss(logits).backward()
    return logits.grad * logits.numel()


def test_gradients_in_closed_form(logits):
    real, fake = logits
    d = fake.sigmoid()
    torch.testing.assert_close(gradient(nonsaturating_generator_loss, fake), d - 1)
    torch.testing.assert_close(gradient(minimax_generator_loss, fake), -d)
    torch.testing.assert_close(gradient(lambda t: discriminator_loss(real, t), fake), d)
    for s in (0.0, 0.2):
        found = gradient(lambda t, s=s: discriminator_loss(t, fake, s), real)
        torch.testing.assert_close(found, real.sigmoid() - (1 - s))


@pytest.mark.parametrize("size", [1000.0, -1000.0])
def test_large_logits_stay_finite(size):
    logits = torch.tensor([size], requires_grad=True)
    wrong = max(size, 0.0)  # softplus of a large number is the number itself
    assert nonsaturating_generator_loss(logits).item() == pytest.approx(max(-size, 0.0))
    assert minimax_generator_loss(logits).item() == pytest.approx(-wrong)
    total = discriminator_loss(logits, logits)
    assert total.item() == pytest.approx(1000.0)
    total.backward()
    assert logits.grad.item() == pytest.approx(1.0 if size > 0 else -1.0)


def test_the_mean_of_parts_is_the_whole(logits):
    real, fake = logits
    for loss in GENERATOR_LOSSES:
        parts = torch.stack([loss(part) for part in fake.split(6)])
        torch.testing.assert_close(parts.mean(), loss(fake))
    parts = [discriminator_loss(r, f, 0.1) for r, f in zip(real.split(6), fake.split(6))]
    torch.testing.assert_close(torch.stack(parts).mean(), discriminator_loss(real, fake, 0.1))


def test_the_two_sides_may_differ_in_number(logits):
    real, fake = logits
    expected = discriminator_loss(real, fake)
    torch.testing.assert_close(discriminator_loss(real, fake.repeat(2)), expected)


@pytest.mark.parametrize("smoothing", [-0.1, 0.5, 1.0, math.nan])
def test_smoothing_outside_its_range_is_refused(smoothing):
    with pytest.raises(ValueError, match=rf"smoothing must lie in \[0, 0.5\), got {smoothing}"):
        discriminator_loss(torch.zeros(1), torch.zeros(1), smoothing)


def test_least_squares_values_by_hand():
    real, fake = torch.tensor([1.0, 0.0, 3.0]), torch.tensor([[-1.0], [0.5]])
    expected = 0.5 * ((0 + 1 + 4) / 3 + (1 + 0.25) / 2)
    assert least_squares_discriminator_loss(real, fake).item() == pytest.approx(expected)
    assert least_squares_generator_loss(fake).item() == pytest.approx((4 + 0.25) / 2)
    half = torch.full((5, 1, 3, 3), 0.5)
    assert least_squares_discriminator_loss(half, half).item() == pytest.approx(0.25)
    assert least_squares_discriminator_loss(half, half).shape == ()


def test_least_squares_gradient_is_linear_on_both_sides(logits):
    _, fake = logits
    expected = 2 * (fake - 1)
    torch.testing.assert_close(gradient(least_squares_generator_loss, fake), expected)


def test_least_squares_averages_so_the_batch_may_be_cut(logits):
    real, fake = logits
    whole = least_squares_discriminator_loss(real, fake)
    parts = [least_squares_discriminator_loss(real[k::2], fake[k::2]) for k in range(2)]
    torch.testing.assert_close(whole, torch.stack(parts).mean())


def test_hinge_values_by_hand():
    real, fake = torch.tensor([2.0, 0.25, -1.0]), torch.tensor([[-3.0], [0.5]])
    expected = (0 + 0.75 + 2) / 3 + (0 + 1.5) / 2
    assert hinge_discriminator_loss(real, fake).item() == pytest.approx(expected)
    assert hinge_generator_loss(fake).item() == pytest.approx(1.25)
    zeros = torch.zeros(4, 1, 2, 2)
    assert hinge_discriminator_loss(zeros, zeros).item() == 2
    assert hinge_discriminator_loss(zeros, zeros).shape == hinge_generator_loss(zeros).shape == ()


def test_wasserstein_values_by_hand():
    real, fake = torch.tensor([2.0, 0.0, 7.0]), torch.tensor([[-3.0], [0.5]])
    assert wasserstein_critic_loss(real, fake).item() == pytest.approx(-1.25 - 3)
    assert wasserstein_critic_loss(fake, real).item() == pytest.approx(3 + 1.25)
    assert wasserstein_generator_loss(fake).item() == pytest.approx(1.25)
    assert wasserstein_critic_loss(fake, fake).item() == 0


def test_hinge_gradients_stop_at_the_margins():
    """The discriminator is pushed by 1 inside its margin and by nothing beyond it."""
    logits = torch.tensor([-3.0, -0.5, 0.5, 3.0])
    real = gradient(lambda t: hinge_discriminator_loss(t, logits), logits)
    fake = gradient(lambda t: hinge_discriminator_loss(logits, t), logits)
    assert real.tolist() == [-1, -1, -1, 0]
    assert fake.tolist() == [0, 1, 1, 1]


def test_wasserstein_gradients_are_the_same_everywhere(logits):
    real, fake = logits
    ones = torch.ones_like(real)
    for generator_loss in (wasserstein_generator_loss, hinge_generator_loss):
        torch.testing.assert_close(gradient(generator_loss, fake), -ones)
    found = gradient(lambda t: wasserstein_critic_loss(t, fake), real)
    torch.testing.assert_close(found, -ones)
    found = gradient(lambda t: wasserstein_critic_loss(real, t), fake)
    torch.testing.assert_close(found, ones)


PAIRS = {
    AdversarialLoss.MINIMAX: (discriminator_loss, minimax_generator_loss),
    AdversarialLoss.NON_SATURATING: (discriminator_loss, nonsaturating_generator_loss),
    AdversarialLoss.LEAST_SQUARES: (
        least_squares_discriminator_loss,
        least_squares_generator_loss,
    ),
    AdversarialLoss.HINGE: (hinge_discriminator_loss, hinge_generator_loss),
    AdversarialLoss.WASSERSTEIN: (wasserstein_critic_loss, wasserstein_generator_loss),
}


def test_the_family_is_complete_and_each_pair_belongs_together():
    assert list(AdversarialLoss) == list(PAIRS)  # five, none an alias of another
    for member, (discriminator, generator) in PAIRS.items():
        assert member.discriminator is discriminator and member.generator is generator
        assert member.has_probabilities == (discriminator is discriminator_loss)


@pytest.mark.parametrize("member", AdversarialLoss)
def test_each_of_the_family_averages_so_the_batch_may_be_cut(member, logits):
    real, fake = logits
    parts = [member.discriminator(r, f) for r, f in zip(real.split(6), fake.split(6))]
    torch.testing.assert_close(torch.stack(parts).mean(), member.discriminator(real, fake))
    parts = [member.generator(part) for part in fake.split(6)]
    torch.testing.assert_close(torch.stack(parts).mean(), member.generator(fake))


@pytest.mark.parametrize("member", AdversarialLoss)
def test_generator_and_discriminator_pull_a_fakes_logit_apart(member):
    """Where neither is content, the one lowers the logit and the other raises it."""
    real, fake = torch.zeros(1), torch.tensor([0.25])
    assert gradient(lambda t: member.discriminator(real, t), fake).item() > 0
    assert gradient(member.generator, fake).item() < 0
    assert gradient(lambda t: member.discriminator(t, fake), real).item() < 0


@pytest.mark.parametrize("member", AdversarialLoss)
def test_a_member_is_stable_text_and_survives_copies(member):
    assert repr(member) == f"AdversarialLoss.{member.name}"  # no address: checkpoints store it
    assert copy.deepcopy(member) is member
    assert pickle.loads(pickle.dumps(member)) is member
