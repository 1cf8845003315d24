"""ganbook.metrics.kernel: against hand values, closed forms and the peers."""

import math

import numpy as np
import pytest
import torch
from torch_fidelity.metric_kid import kid_features_to_metric, mmd2
from torchmetrics.image.kid import poly_mmd

from ganbook.metrics.kernel import (
    KernelReport,
    kernel_distance,
    polynomial_kernel,
    squared_mmd,
)

DOUBLE = torch.float64


def normal(n, d, seed, scale=1.0, shift=0.0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=generator, dtype=DOUBLE) * scale + shift


def linear(x, y):
    return x @ y.T


def test_kernel_by_hand():
    x, y = torch.tensor([[1.0, 2.0], [0.0, 0.0]]), torch.tensor([[3.0, 1.0]])
    assert polynomial_kernel(x, y).tolist() == [[3.5**3], [1.0]]  # x . y = 5, and 5 / 2 + 1
    assert polynomial_kernel(x, y, degree=2, gamma=1.0, coef0=-1.0).tolist() == [[16.0], [1.0]]


def test_squared_mmd_by_hand():
    # k = (x y + 1)^3. Within: k(0, 1) = 1 and k(1, 2) = 27; across: 1, 1, 8, 27.
    x, y = torch.tensor([[0.0], [1.0]]), torch.tensor([[1.0], [2.0]])
    assert squared_mmd(x, y) == 1 + 27 - 2 * (1 + 1 + 8 + 27) / 4
    # Three of one: (1 + 1 + 27) / 3 within, where k(0, 2) = 1; across 1, 1, 8, 27, 27, 125.
    three = torch.tensor([[0.0], [1.0], [2.0]])
    assert squared_mmd(three, y) == pytest.approx(29 / 3 + 27 - 2 * (1 + 1 + 8 + 27 + 27 + 125) / 6)


def test_with_the_linear_kernel_only_the_means_count():
    # Unbiased: the squared distance of the means, less what the error of each mean adds to it.
    x, y = normal(30, 5, 0), normal(40, 5, 1, shift=0.5)
    errors = x.var(dim=0).sum() / 30 + y.var(dim=0).sum() / 40
    expected = (x.mean(0) - y.mean(0)).square().sum() - errors
    assert squared_mmd(x, y, linear) == pytest.approx(expected.item(), rel=1e-12)


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_the_mean_is_the_true_value_for_few_samples(scale):
    # E (1 + x . y / D)^3 = 1 + 3 a b / D for normals of variances a and b.
    d, truth = 4, 3 * (1 - scale**2) ** 2 / 4
    values = [
        squared_mmd(normal(10, d, 2 * seed), normal(8, d, 2 * seed + 1, scale))
        for seed in range(1500)
    ]
    error = np.std(values) / math.sqrt(len(values))
    assert np.mean(values) == pytest.approx(truth, abs=4 * error)
    assert (np.array(values) < 0).any() and 4 * error < 0.4


@pytest.mark.parametrize("batch_size", [1, 7, 50, 1000])
def test_blocks_do_not_change_it(batch_size):
    x, y = normal(50, 6, 0), normal(31, 6, 1, 1.3)
    assert squared_mmd(x, y, batch_size=batch_size) == pytest.approx(
        squared_mmd(x, y, batch_size=10_000), rel=1e-12
    )


def test_it_is_symmetric_and_float32_input_is_computed_in_float64():
    x, y = normal(50, 6, 0).float(), normal(31, 6, 1, 1.3).float()
    expected = squared_mmd(x.double(), y.double())
    assert squared_mmd(x, y) == expected
    assert squared_mmd(y, x) == pytest.approx(expected, rel=1e-12)


def test_equals_the_peers_on_all_samples():
    x, y = normal(200, 32, 0), normal(200, 32, 1, 1.2, 0.1)
    found = squared_mmd(x, y)
    assert 0.01 < found < 10
    assert found == pytest.approx(poly_mmd(x, y).item(), rel=1e-10)
    kernels = (polynomial_kernel(a, b).numpy() for a, b in ((x, x), (x, y), (y, y)))
    assert found == pytest.approx(mmd2(*kernels), rel=1e-10)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equals_the_peers_on_given_subsets(dtype):
    x, y = normal(300, 64, 2).to(dtype), normal(250, 64, 3, 1.2, 0.1).to(dtype)
    options = {
        "kid_subsets": 20,
        "kid_subset_size": 100,
        "kid_kernel_poly_degree": 3,
        "kid_kernel_poly_gamma": None,
        "kid_kernel_poly_coef0": 1.0,
    }
    peer = kid_features_to_metric(x, y, rng_seed=2020, verbose=False, **options)
    random = np.random.RandomState(2020)  # torch-fidelity's: one set, then the other
    drawn = [[random.choice(n, 100, replace=False) for n in (300, 250)] for _ in range(20)]
    indices = tuple(torch.from_numpy(np.stack(part)) for part in zip(*drawn))
    found = kernel_distance(x, y, indices=indices)
    tolerance = 1e-6 if dtype == torch.float32 else 1e-11  # the peers compute in the input's type
    assert found.mean == pytest.approx(peer["kernel_inception_distance_mean"], abs=tolerance)
    assert found.std == pytest.approx(peer["kernel_inception_distance_std"], abs=tolerance)
    each = torch.stack([poly_mmd(x[i], y[j]) for i, j in zip(*indices)]).double()
    assert found.mean == pytest.approx(each.mean().item(), abs=tolerance)
    assert found.std == pytest.approx(each.std(unbiased=False).item(), abs=tolerance)
    assert (found.subsets, found.subset_size) == (20, 100) and found.std > 1000 * tolerance


def test_a_subset_of_everything_is_the_estimate_from_all():
    x, y = normal(40, 3, 0), normal(40, 3, 1, shift=1.0)
    found = kernel_distance(x, y, subsets=3, subset_size=40)
    assert found.mean == pytest.approx(squared_mmd(x, y), rel=1e-12)
    assert found.std == pytest.approx(0, abs=1e-12)


def test_the_generator_decides_the_subsets():
    x, y = normal(60, 3, 0), normal(60, 3, 1)
    one, same, other = (
        kernel_distance(x, y, 5, 20, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)
    )
    assert one == same != other
    assert isinstance(one, KernelReport)


def test_another_kernel():
    x, y = normal(30, 5, 0), normal(30, 5, 1)
    found = kernel_distance(x, y, 2, 30, kernel=linear)
    assert found.mean == pytest.approx(squared_mmd(x, y, linear), rel=1e-9)


def test_bad_input():
    x, y = normal(20, 3, 0), normal(10, 3, 1)
    with pytest.raises(ValueError, match="between 2 and the 10 fake samples, got 15"):
        kernel_distance(x, y, subset_size=15)
    with pytest.raises(ValueError, match="between 2 and the 20 real samples, got 1"):
        kernel_distance(x, y, subset_size=1)
    with pytest.raises(ValueError, match="subsets must be at least 1, got 0"):
        kernel_distance(x, y, subsets=0, subset_size=5)
    with pytest.raises(ValueError, match="fake needs at least 2 samples, got 1"):
        squared_mmd(x, y[:1])
    with pytest.raises(ValueError, match="equally many features, got 3 and 2"):
        squared_mmd(x, y[:, :2])
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        squared_mmd(x, y, batch_size=0)
    first = torch.zeros(2, 5, dtype=torch.int64)
    with pytest.raises(ValueError, match=r"size at least 2, got \(2, 5\) and \(2, 4\)"):
        kernel_distance(x, y, indices=(first, first[:, :4]))
    with pytest.raises(ValueError, match=r"fake samples must lie in 0\.\.9, got 10 to 10"):
        kernel_distance(x, y, indices=(first, first + 10))
    with pytest.raises(ValueError, match=r"real samples must lie in 0\.\.19, got -1 to -1"):
        kernel_distance(x, y, indices=(first - 1, first))
