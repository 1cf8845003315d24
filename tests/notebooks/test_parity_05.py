"""What chapter 05 builds by hand equals ganbook's."""

from pathlib import Path

import pytest
import torch
from scipy.stats import spearmanr
from torch import nn

from ganbook.gans import stable
from ganbook.losses import adversarial, gradient_penalty
from ganbook.metrics.modes import mode_report
from ganbook.metrics.resample import permutation_test
from ganbook.models.mlp import MLPDiscriminator, MLPGenerator
from ganbook.nn.clip import clip_weights
from ganbook.nn.spectral_norm import add_spectral_norm
from ganbook.training import schedules
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "05_stable_training.ipynb"
LOSSES = [
    "discriminator_loss",
    "minimax_generator_loss",
    "nonsaturating_generator_loss",
    "least_squares_discriminator_loss",
    "least_squares_generator_loss",
    "hinge_discriminator_loss",
    "hinge_generator_loss",
    "wasserstein_critic_loss",
    "wasserstein_generator_loss",
]
NAMES = [
    *LOSSES,
    "clip_weights",
    "gradient_penalty",
    "r1_penalty",
    "power_iteration",
    "wgan_gp_step",
    "clip_by_norm",
    "stairs",
    "half_cosine",
    "late_line",
    "balanced_share",
    "chance",
    "rank_correlation",
]


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, NAMES)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_their_gradients(chapter, name):
    torch.manual_seed(0)
    real, fake = (5 * torch.randn(2, 40)).requires_grad_().unbind()
    logits = [real, fake] if name.endswith(("discriminator_loss", "critic_loss")) else [fake]
    values = [getattr(module, name)(*logits) for module in (chapter, adversarial)]
    torch.testing.assert_close(values[0], values[1])
    gradients = [torch.autograd.grad(value, logits, retain_graph=True) for value in values]
    torch.testing.assert_close(gradients[0], gradients[1])


def test_penalties_and_their_gradients(chapter):
    torch.manual_seed(0)
    critic = MLPDiscriminator((2,), 16)
    real, fake = torch.randn(2, 12, 2)
    for by_hand, packaged, inputs in (
        (chapter.gradient_penalty, gradient_penalty.gradient_penalty, (real, fake)),
        (chapter.r1_penalty, gradient_penalty.r1_penalty, (real,)),
    ):
        results = []
        for penalty in (by_hand, packaged):
            torch.manual_seed(1)
            value = penalty(critic, *inputs)
            results.append((value, torch.autograd.grad(value, critic.layers[1].weight)))
        torch.testing.assert_close(results[0], results[1])


def test_the_penalty_of_images(chapter):
    critic = nn.Sequential(nn.Conv2d(3, 4, 4), nn.Tanh(), nn.Flatten(), nn.Linear(4 * 25, 1))
    real, fake = torch.randn(2, 6, 3, 8, 8)
    values = []
    for penalty in (chapter.gradient_penalty, gradient_penalty.gradient_penalty):
        torch.manual_seed(1)
        values.append(penalty(critic, real, fake))
    torch.testing.assert_close(values[0], values[1])


def test_clipping(chapter):
    networks = []
    for clip in (chapter.clip_weights, clip_weights):
        torch.manual_seed(0)
        network = MLPDiscriminator((2,), 16)
        clip(network, 0.1)
        networks.append(network.state_dict())
    torch.testing.assert_close(networks[0], networks[1], rtol=0, atol=0)


def test_power_iteration_is_pytorchs_and_finds_the_largest_singular_value(chapter):
    torch.manual_seed(0)
    weight = torch.randn(6, 9)
    layer = nn.Linear(9, 6, bias=False)
    layer.weight.data = weight.clone()
    network = add_spectral_norm(nn.Sequential(layer))
    start = network[0].parametrizations.weight[0]._u.clone()
    for _ in range(4):
        network(torch.zeros(1, 9))
    # One round of the chapter's is v, then u; PyTorch's is u, then v: so u comes round alike.
    v = network[0].parametrizations.weight[0]._v
    sigma, u = chapter.power_iteration(weight, start, 4)
    theirs = network[0].parametrizations.weight[0]._u
    assert torch.nn.functional.cosine_similarity(u, theirs, dim=0).item() > 0.99
    assert (u @ weight @ v).item() == pytest.approx(sigma.item(), rel=0.02)
    sigma, _ = chapter.power_iteration(weight, start, 200)
    assert sigma.item() == pytest.approx(torch.linalg.svdvals(weight)[0].item(), rel=1e-5)


def test_the_step_by_hand_is_the_packages(chapter):
    config = stable.wgan_gp(latent_dim=3, width=8, learning_rate=1e-3, n_critic=3)
    torch.manual_seed(0)
    state = stable.build(config)
    generator, critic = MLPGenerator(3, (2,), 8), MLPDiscriminator((2,), 8)
    generator.load_state_dict(state.generator.state_dict())
    critic.load_state_dict(state.discriminator.state_dict())
    optimizers = [
        torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.0, 0.9))
        for network in (generator, critic)
    ]
    for seed in range(4):
        real = torch.randn(12, 2)
        torch.manual_seed(seed)
        metrics = stable.step(state, (real,))
        torch.manual_seed(seed)
        loss, penalty = chapter.wgan_gp_step(generator, critic, *optimizers, real, 3, n_critic=3)
        torch.testing.assert_close(metrics["d_loss"], loss)
        torch.testing.assert_close(metrics["penalty"], penalty)
    torch.testing.assert_close(state.generator.state_dict(), generator.state_dict())
    torch.testing.assert_close(state.discriminator.state_dict(), critic.state_dict())


@pytest.mark.parametrize("largest", [0.1, 0.9, 1e6])
def test_clipping_by_norm_is_pytorchs(chapter, largest):
    torch.manual_seed(0)
    gradients = [torch.randn(3, 4), torch.randn(5)]
    parameters = [nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient.clone()
    nn.utils.clip_grad_norm_(parameters, largest)
    by_hand = chapter.clip_by_norm(gradients, largest)
    torch.testing.assert_close(by_hand, [parameter.grad for parameter in parameters])


@pytest.mark.parametrize("step", [0, 1, 24, 25, 50, 74, 75, 99, 100])
def test_schedules(chapter, step):
    assert chapter.stairs(step, 25, 0.5) == schedules.step_decay(step, 25, 0.5)
    assert chapter.half_cosine(step, 100) == pytest.approx(schedules.cosine_decay(step, 100))
    assert chapter.late_line(step, 100, 40) == pytest.approx(schedules.linear_decay(step, 100, 40))


def test_balanced_share_is_bounded_by_what_mode_report_counts(chapter):
    centers = torch.tensor([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0]])
    torch.manual_seed(0)
    for present in (1, 3, 4):
        which = torch.randint(present, (400,))
        samples = centers[which] + 0.5 * torch.randn(400, 2)
        share, report = (
            chapter.balanced_share(samples, centers, 0.2),
            mode_report(samples, centers, 0.2),
        )
        assert report.covered == present
        assert 0 < share <= min(report.high_quality, present / 4) + 1e-6
    even = centers.repeat(5, 1)
    assert chapter.balanced_share(even, centers, 0.2) == pytest.approx(1)
    assert chapter.balanced_share(even + 100, centers, 0.2) == 0


@pytest.mark.parametrize("shift", [0.0, 0.5, 3.0])
def test_the_permutation_test(chapter, shift):
    torch.manual_seed(0)
    first, second = torch.randn(5).tolist(), (torch.randn(4) + shift).tolist()
    assert chapter.chance(first, second) == pytest.approx(permutation_test(first, second))


def test_rank_correlation_is_spearmans(chapter):
    first = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}
    second = {"a": 2, "b": 1, "c": 5, "d": 3, "e": 4}
    expected = spearmanr(list(first.values()), list(second.values())).statistic
    assert chapter.rank_correlation(first, second) == pytest.approx(expected)
    assert chapter.rank_correlation(first, first) == 1
