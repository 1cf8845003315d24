"""What chapter 11's part on augmentation builds by hand equals PyTorch's, SciPy's, closed forms."""

from pathlib import Path

import pytest
import torch
from scipy.stats import t as student_t
from torch import nn

from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "11_applications.ipynb"
NAMES = [
    "variance_of_mean",
    "Batches",
    "last_channels",
    "jiggle",
    "students",
    "read",
    "share_nearer",
    "mixed",
    "interval",
    "agreed_verdict",
]
T_975 = {1: 12.706, 6: 2.447, 14: 2.145}  # the chapter's own table


@pytest.fixture(scope="module")
def pool():
    return torch.randn(40, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def chapter(pool):
    given = {"device": torch.device("cpu"), "T_975": T_975, "pool": pool}
    return from_notebook(NOTEBOOK, NAMES, **given)


@pytest.mark.parametrize(("n", "m"), [(10, 0), (10, 40), (3, 5)])
def test_made_up_numbers_add_the_variance_of_their_noise(chapter, n, m):
    share = m / (n + m)
    wanted = 1 / n + (share**2 / m if m else 0)
    assert chapter.variance_of_mean(n, m) == pytest.approx(wanted)


def test_each_network_draws_from_its_own_set(chapter):
    torch.manual_seed(0)
    sets = [torch.tensor([3, 5]), torch.tensor([7, 8, 9, 9])]
    drawn = chapter.Batches(sets).draw(4000)
    assert drawn.shape == (4000, 2)
    assert set(drawn[:, 0].tolist()) == {3, 5} and set(drawn[:, 1].tolist()) == {7, 8, 9}
    assert (drawn[:, 1] == 9).double().mean().item() == pytest.approx(0.5, abs=0.04)


def test_networks_side_by_side_are_the_networks_alone(chapter):
    together = chapter.students([4, 5, 4])
    alone = chapter.students([5])
    images = torch.rand(6, 3, 16, 16)
    answers = together(images).view(6, 3, 10)
    torch.testing.assert_close(answers[:, 1], alone(images[:, 1:2]).flatten(1))
    same = together(images[:, :1].expand(-1, 3, -1, -1)).view(6, 3, 10)
    assert torch.equal(same[:, 0], same[:, 2])  # one seed, one start
    read = chapter.read(together, 3, images[:, 0])
    assert torch.equal(read[1], same.argmax(2)[:, 1])


def test_the_first_weights_are_hes(chapter):
    convolutions = [layer for layer in chapter.students([0] * 50) if isinstance(layer, nn.Conv2d)]
    for layer in convolutions:
        spread = (2 / layer.weight[0].numel()) ** 0.5
        assert layer.weight.std().item() == pytest.approx(spread, rel=0.15)
        assert not layer.bias.any()


def test_no_jiggle_changes_nothing_and_a_jiggle_keeps_the_ground_black(chapter, pool):
    images = pool[:8].view(4, 2, 16, 16)
    still = chapter.jiggle(images, shift=0.0, degrees=0, scale=0.0)
    torch.testing.assert_close(still, images, atol=1e-5, rtol=0)
    black = -torch.ones(3, 2, 16, 16)
    torch.testing.assert_close(chapter.jiggle(black), black)


def test_copies_are_nearer_to_their_originals(chapter, pool):
    own, others = torch.arange(10), torch.arange(10, 20)
    assert chapter.share_nearer(pool[own] + 0.01, own, others) == 1
    assert chapter.share_nearer(pool[others], own, others) == 0


def test_a_mixture_has_the_ratio_asked_for(chapter):
    (mixture,) = chapter.mixed([torch.arange(5)], [torch.arange(100, 180)], 4)
    assert (mixture < 100).sum() * 4 == (mixture >= 100).sum()
    assert mixture[mixture < 100].bincount().tolist() == [4] * 5


@pytest.mark.parametrize("n", [2, 7, 15])
def test_the_interval_is_students(chapter, n):
    values = torch.randn(n, generator=torch.Generator().manual_seed(n)).double()
    mean, half = chapter.interval(values)
    low, high = student_t.interval(
        0.95, n - 1, loc=values.mean().item(), scale=values.std().item() / n**0.5
    )
    assert (mean - half, mean + half) == pytest.approx((low, high), rel=1e-3, abs=1e-3)


def test_a_verdict_needs_all_seeds(chapter):
    base = torch.tensor([0.5, 0.6, 0.7])
    gains = {"better": [0.1, 0.1, 0.2], "worse": [-0.1, -0.2, -0.1]}
    for word, gain in (*gains.items(), ("no difference found", [0.1, 0.2, -0.01])):
        assert chapter.agreed_verdict(base, base + torch.tensor(gain)) == word
