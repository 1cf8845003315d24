"""ganbook.training.looks: measures worked by hand; a look changes nothing in the run."""

import copy

import pytest
import torch
from torch import nn

from ganbook.data.toy import ring_centers, sample_mixture
from ganbook.gans import dcgan, vanilla
from ganbook.training import looks
from ganbook.training.looks import Probe

CONFIG = vanilla.Config(sample_shape=(2,), latent_dim=2, hidden=8)


def logits(*probabilities):
    return torch.tensor(probabilities).logit()


def test_certainty_is_the_smaller_of_both():
    assert looks.certainty(logits(0.9, 0.7), logits(0.1)) == pytest.approx(0.8)
    assert looks.certainty(logits(0.9), logits(0.4, 0.2)) == pytest.approx(0.7)
    assert looks.certainty(torch.tensor([1e4]), torch.tensor([-1e4])) == 1


def test_told_apart_counts_pairs():
    real, fake = torch.tensor([1.0, 3.0]), torch.tensor([0.0, 2.0])
    assert looks.told_apart(real, fake) == 0.75  # 1 > 0, 3 > 0, 3 > 2; not 1 > 2
    assert looks.told_apart(fake, real) == 0.25
    assert looks.told_apart(real, real) == 0.5  # two ties
    assert looks.told_apart(1000 * real, 1000 * fake) == 0.75  # whatever the scale


def test_the_held_out_gap_lies_between_training_samples_and_fakes():
    train, fake = torch.tensor([3.0, 5.0]), torch.tensor([-4.0])
    assert looks.held_out_gap(train, torch.tensor([4.0]), fake) == 0
    assert looks.held_out_gap(train, torch.tensor([2.0]), fake) == pytest.approx(0.25)
    assert looks.held_out_gap(train, fake, fake) == 1
    assert looks.held_out_gap(fake, torch.tensor([0.0]), train) == 0  # fakes score higher


def test_cells_find_the_clusters():
    generator = torch.Generator().manual_seed(0)
    points = sample_mixture(ring_centers(), 400, 0.05, generator)
    found = looks.cell_centers(points, 8)
    distance = torch.cdist(ring_centers(), found)
    assert distance.amin(1).max() < 0.05
    assert sorted(distance.argmin(1).tolist()) == list(range(8))


def test_the_missing_share_by_hand():
    centers = torch.tensor([[0.0], [10.0], [20.0]])
    real = torch.tensor([[0.0]] * 5 + [[10.0]] * 3 + [[20.0]] * 2)
    fake = torch.tensor([[1.0]] * 100)
    assert looks.missing_share(fake, real, centers) == pytest.approx(0.5)
    fake[:8] = 11.0  # a share of 0.08; a quarter of 0.3 is 0.075
    assert looks.missing_share(fake, real, centers) == pytest.approx(0.2)
    fake[:8], fake[:7] = 1.0, 11.0
    assert looks.missing_share(fake, real, centers) == pytest.approx(0.5)
    assert looks.missing_share(real, real, centers) == 0


def test_the_gradient_norm_by_hand():
    network = nn.Linear(2, 1)
    assert looks.gradient_norm(network) == 0  # none yet
    network(torch.tensor([[3.0, 4.0]])).sum().backward()
    assert looks.gradient_norm(network) == pytest.approx(26**0.5)  # weights 3, 4; bias 1


@pytest.fixture
def gan():
    torch.manual_seed(0)
    return vanilla.build(CONFIG)


def test_a_look_changes_nothing():
    torch.manual_seed(0)
    state = dcgan.build(dcgan.Config(channels=1, size=16, latent_dim=4, width=4, shift=2))
    metrics = dcgan.step(state, (torch.rand(8, 1, 16, 16),))
    before = [copy.deepcopy(net.state_dict()) for net in (state.generator, state.discriminator)]
    gradients = [p.grad.clone() for p in state.generator.parameters()]
    random = torch.get_rng_state()
    probe = Probe(torch.rand(32, 1, 16, 16), torch.rand(40, 1, 16, 16))
    torch.set_rng_state(random)
    one, two = probe.look(state, metrics), probe.look(state, metrics)
    assert torch.equal(torch.get_rng_state(), random)
    for network, saved in zip((state.generator, state.discriminator), before):
        torch.testing.assert_close(network.state_dict(), saved, rtol=0, atol=0)
        assert network.training
    for parameter, gradient in zip(state.generator.parameters(), gradients):
        assert torch.equal(parameter.grad, gradient)
    assert one.moved is None and two.moved == 0
    assert (one.missing, one.certainty, one.by_heart) == (two.missing, two.certainty, two.by_heart)
    assert one.company == pytest.approx(0, abs=0.3)


def test_movement_is_relative_to_the_weights(gan):
    probe = Probe(torch.randn(32, 2))
    metrics = vanilla.step(gan, (torch.randn(16, 2),))
    probe.look(gan, metrics)
    with torch.no_grad():
        for parameter in gan.generator.parameters():
            parameter.mul_(1.25)
    assert probe.look(gan, metrics).moved == pytest.approx(0.25, rel=1e-4)


def test_the_share_passed_on_is_that_of_the_loss(gan):
    real = torch.randn(64, 2)
    probe = Probe(real)
    metrics = vanilla.step(gan, (real,))
    with torch.random.fork_rng():
        torch.manual_seed(probe.seed)
        fake = gan.generator(gan.latents(64))  # the probe's own fakes
    gan.generator_optimizer.zero_grad()
    (3 * gan.discriminator(fake).mean()).backward()
    assert probe.look(gan, metrics).passed_on == pytest.approx(3, rel=1e-4)


def test_a_gradient_that_the_step_reports_is_preferred(gan):
    probe, metrics = Probe(torch.randn(32, 2)), vanilla.step(gan, (torch.randn(16, 2),))
    assert probe.look(gan, {**metrics, "g_grad": torch.tensor(7.0)}).gradient == 7


def test_the_center_is_in_units_of_the_spread(gan):
    real = torch.tensor([[3.0, 0.0], [-3.0, 0.0]]).repeat(16, 1)  # spread 3
    with torch.no_grad():
        for parameter in gan.generator.parameters():
            parameter.zero_()
        gan.generator.layers[-2].bias.copy_(torch.tensor([6.0, 0.0]))
    look = Probe(real, cells=2).look(gan, {})
    torch.testing.assert_close(look.center, torch.tensor([2.0, 0.0]))
    assert look.gradient == 0 and look.company is None and look.by_heart is None


def test_bad_probes_are_refused():
    with pytest.raises(ValueError, match="at least 32 samples, got 31"):
        Probe(torch.zeros(31, 2))
    with pytest.raises(ValueError, match=r"shape of real, \(2,\) each, got \(3,\)"):
        Probe(torch.zeros(32, 2), torch.zeros(32, 3))
