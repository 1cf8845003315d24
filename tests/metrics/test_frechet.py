"""ganbook.metrics.frechet against closed forms and peer libraries."""

import math
import warnings

import numpy as np
import pytest
import torch
from pytorch_fid.fid_score import calculate_frechet_distance
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torchmetrics.image.fid import _compute_fid

from ganbook.data.digits import load_digits
from ganbook.metrics.features import digit_features
from ganbook.metrics.frechet import (
    frechet_between,
    frechet_distance,
    frechet_from_features,
    frechet_infinity,
    frechet_within_classes,
)
from ganbook.metrics.moments import Statistics
from tests.metrics.correlated import features

DOUBLE = torch.float64


def described(x):
    statistics = Statistics()
    statistics.update(x)
    return statistics.mean, statistics.covariance


def pytorch_fid(*arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return calculate_frechet_distance(*(a.numpy() for a in arguments))


def test_equal_covariances_leave_the_squared_distance_of_means():
    mean, covariance = described(features(200, 16, seed=0))
    other = mean + torch.linspace(-1, 2, 16, dtype=DOUBLE)
    expected = torch.linspace(-1, 2, 16, dtype=DOUBLE).square().sum().item()
    assert frechet_distance(mean, covariance, other, covariance) == pytest.approx(
        expected, rel=1e-9
    )


def test_zeros_against_ones_in_2048_dimensions():
    zero = torch.zeros(2048, 2048)
    assert frechet_distance(torch.zeros(2048), zero, torch.ones(2048), zero) == pytest.approx(2048)


def test_diagonal_covariances_by_hand():
    # d^2 = sum (s1 - s2)^2 = (1 - 3)^2 + (2 - 2)^2 + (4 - 1)^2, and 25 for the means.
    covariances = [torch.diag(torch.tensor(s).square()) for s in ([1.0, 2.0, 4.0], [3.0, 2.0, 1.0])]
    mean = torch.tensor([3.0, 0.0, 4.0])
    found = frechet_distance(torch.zeros(3), covariances[0], mean, covariances[1])
    assert found == pytest.approx(4 + 0 + 9 + 25, rel=1e-12)


@pytest.mark.parametrize("d", [64, 256])
def test_equals_the_peers_on_full_rank_statistics(d):
    one, two = described(features(4 * d, d, seed=1)), described(features(4 * d, d, 2, shift=0.1))
    found = frechet_distance(*one, *two)
    assert found == pytest.approx(pytorch_fid(*one, *two), rel=1e-9)
    assert found == pytest.approx(_compute_fid(*one, *two).item(), rel=1e-9)
    assert found == pytest.approx(frechet_distance(*two, *one), rel=1e-9)


@pytest.mark.parametrize("d", [64, 256])
def test_equals_torch_fidelity_from_features(d):
    x, y = features(4 * d, d, seed=1), features(3 * d, d, seed=2, shift=0.1)
    peer = fid_statistics_to_metric(*map(fid_features_to_statistics, (x, y)), verbose=False)
    assert frechet_from_features(x, y) == pytest.approx(
        peer["frechet_inception_distance"], rel=1e-9
    )


def rank_deficient(x, y):
    """The distance without any d x d matrix, from the singular values of X Y^T."""
    x_centred, y_centred = x - x.mean(0), y - y.mean(0)
    nuclear = torch.linalg.svdvals(x_centred @ y_centred.T).sum()
    cross = nuclear / math.sqrt((len(x) - 1) * (len(y) - 1))
    traces = x.var(dim=0).sum() + y.var(dim=0).sum()
    return ((x.mean(0) - y.mean(0)).square().sum() + traces - 2 * cross).item()


@pytest.mark.parametrize(
    ("n1", "n2"), [(40, 60), (60, 40), (40, 500), (500, 40), (100, 101), (2, 3), (500, 500)]
)
def test_fewer_samples_than_dimensions(n1, n2):
    x, y = features(n1, 100, seed=3), features(n2, 100, seed=4, shift=0.1)
    found = frechet_distance(*described(x), *described(y))
    assert found == pytest.approx(rank_deficient(x, y), rel=1e-9)
    assert frechet_from_features(x, y) == pytest.approx(rank_deficient(x, y), rel=1e-9)


def test_orthogonal_subspaces():
    first, second = torch.zeros(4, 4), torch.zeros(4, 4)
    first[0, 0], second[1, 1] = 9.0, 4.0  # nothing in common: the traces add up
    zero = torch.zeros(4)
    assert frechet_distance(zero, first, zero, second) == pytest.approx(13.0)


@pytest.mark.parametrize("n", [500, 30])
def test_the_distance_to_itself_is_zero(n):
    statistics = described(features(n, 64, seed=5))
    scale = statistics[1].trace().item()
    found = frechet_distance(*statistics, *statistics)
    assert found == pytest.approx(0, abs=1e-12 * scale) and found >= 0


def test_float32_and_numpy_statistics_are_taken():
    one, two = described(features(300, 8, 1)), described(features(300, 8, 2))
    expected = frechet_distance(*one, *two)
    assert frechet_distance(*(v.numpy() for v in (*one, *two))) == pytest.approx(
        expected, rel=1e-12
    )
    assert frechet_distance(*(v.float() for v in (*one, *two))) == pytest.approx(expected, rel=1e-5)


def test_distance_refuses_what_it_cannot_take():
    mean, cov = torch.zeros(3), torch.eye(3)
    with pytest.raises(ValueError, match=r"cov1 must have shape \(3, 3\), got \(2, 2\)"):
        frechet_distance(mean, torch.eye(2), mean, cov)
    with pytest.raises(ValueError, match=r"mean2 must have shape \(3,\), got \(4,\)"):
        frechet_distance(mean, cov, torch.zeros(4), cov)
    with pytest.raises(ValueError, match="cov2 has NaN or infinite"):
        frechet_distance(mean, cov, mean, torch.full((3, 3), math.inf))


def test_between_image_sets_equals_the_steps_by_hand():
    images = load_digits("test").tensors[0]
    real, fake = images[::2], (images[1::2] * 0.5)
    extractor = digit_features()
    found = frechet_between(real, fake, extractor)
    expected = frechet_distance(*described(extractor(real)), *described(extractor(fake)))
    assert found == pytest.approx(expected, rel=1e-4)  # float32 features, cut otherwise
    assert frechet_between(real, fake, extractor, batch_size=64) == pytest.approx(found, rel=1e-4)
    # Paler digits are farther from the real ones than other real ones are.
    assert frechet_between(real, images[1::2], extractor) < found / 2


def test_between_image_sets_needs_two_images():
    with pytest.raises(ValueError, match="at least 2 samples, got 1"):
        frechet_between(torch.zeros(1, 1, 32, 32), torch.zeros(5, 1, 32, 32), digit_features())


def test_within_classes_is_the_distance_of_each_class():
    images, labels = load_digits("test").tensors
    first, second = slice(0, None, 2), slice(1, None, 2)
    extractor = digit_features()
    sets = images[first], labels[first], images[second], labels[second]
    found = frechet_within_classes(*sets, extractor)
    assert list(found) == list(range(10))
    three = (images[half][labels[half] == 3] for half in (first, second))
    assert found[3] == pytest.approx(frechet_between(*three, extractor), rel=1e-6)


def test_wrong_labels_show_within_classes_only():
    images, labels = load_digits("test").tensors
    extractor = digit_features()
    half = images[::2], labels[::2], images[1::2]
    right = frechet_within_classes(*half, labels[1::2], extractor)
    wrong = frechet_within_classes(*half, (labels[1::2] + 1) % 10, extractor)  # overall: the same
    assert min(wrong.values()) > 3 * max(right.values())


def test_within_classes_needs_the_same_classes_and_a_label_an_image():
    images, labels = torch.zeros(4, 1, 32, 32), torch.tensor([0, 0, 1, 1])
    with pytest.raises(ValueError, match=r"classes differ: real has \[0, 1\], fake has \[0, 2\]"):
        frechet_within_classes(images, labels, images, labels * 2, digit_features())
    with pytest.raises(ValueError, match=r"fake_labels must have shape \(4,\), got \(3,\)"):
        frechet_within_classes(images, labels, images, labels[:3], digit_features())


def test_from_features_equals_the_streamed_statistics():
    x, y = features(50, 6, 1, shift=10.0).float(), features(40, 6, 2).float()
    expected = frechet_distance(*described(x), *described(y))
    assert frechet_from_features(x, y) == pytest.approx(expected, rel=1e-10)
    for n in (2, 4, 6, 7):  # fewer samples than features, as many, more
        few = frechet_distance(*described(x[:n]), *described(y))
        assert frechet_from_features(x[:n], y) == pytest.approx(few, rel=1e-9)
        assert frechet_from_features(y, x[:n]) == pytest.approx(few, rel=1e-9)
        assert frechet_from_features(x[:n], x[:n]) == pytest.approx(0, abs=1e-12)
    assert frechet_from_features(x.double(), y.double()) == frechet_from_features(x, y)
    with pytest.raises(ValueError, match="fake needs at least 2 samples, got 1"):
        frechet_from_features(x, y[:1])
    with pytest.raises(ValueError, match="equally many features, got 6 and 5"):
        frechet_from_features(x, y[:, :5])


def normals(n, seed, scale=1.0, shift=0.0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 8, generator=generator, dtype=DOUBLE) * scale + shift


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (1.3, 0.2)])
def test_the_limit_is_the_true_distance_where_the_estimate_is_not(scale, shift):
    truth = 8 * (shift**2 + (scale - 1) ** 2)
    plain, limits = [], []
    for seed in range(24):
        real, fake = normals(400, 2 * seed), normals(400, 2 * seed + 1, scale, shift)
        generator = torch.Generator().manual_seed(seed)
        limit = frechet_infinity(real, fake, repeats=2, generator=generator, both=True).limit
        plain.append(frechet_from_features(real, fake))
        limits.append(limit)
    bias = np.mean(plain) - truth
    assert 0.1 < bias < 0.25
    assert np.mean(limits) == pytest.approx(truth, abs=bias / 2)


def test_the_bias_falls_as_one_over_n_even_with_fewer_samples_than_features():
    # Both sets are of one distribution, so the whole distance is bias.
    scaled = [
        n
        * np.mean([frechet_from_features(normals(n, s), normals(n, s + 1)) for s in range(0, r, 2)])
        for n, r in ((4, 600), (8, 400), (64, 200))
    ]
    assert scaled == pytest.approx([scaled[-1]] * 3, rel=0.12)


def test_all_real_samples_stay_unless_both_are_drawn():
    real, fake = normals(100, 0), normals(2000, 1)  # few real samples: their bias stays
    kept = frechet_infinity(real, fake, generator=torch.Generator().manual_seed(0))
    assert kept.limit < frechet_from_features(real, fake) and kept.limit > 0.1
    sizes = [20, 30, 50, 100]
    both = frechet_infinity(real, fake, sizes, 50, torch.Generator().manual_seed(0), both=True)
    assert abs(both.limit) < kept.limit / 2
    assert len(both.values) == 200 and both.sizes[:51] == (20,) * 50 + (30,)


def test_the_line_and_its_sizes():
    real, fake = normals(300, 0), normals(400, 1)
    found = frechet_infinity(real, fake, generator=torch.Generator().manual_seed(0))
    assert (len(found.sizes), found.sizes[0], found.sizes[-1]) == (15, 40, 400)
    assert found.values[-1] == pytest.approx(frechet_from_features(real, fake), rel=1e-12)
    assert found.slope > 0 and found.at(400) == pytest.approx(found.values[-1], abs=0.05)
    again = frechet_infinity(real, fake, generator=torch.Generator().manual_seed(0))
    assert again == found
    assert frechet_infinity(real, fake[:50]).sizes[0] == 8  # as many as features
    assert frechet_infinity(real, fake, both=True).sizes[-1] == 300


def test_infinity_refuses_what_it_cannot_take():
    real, fake = normals(100, 0), normals(31, 1)
    with pytest.raises(ValueError, match="at least 2 x 8 = 16 samples, got 15"):
        frechet_infinity(real, fake[:15])
    with pytest.raises(ValueError, match=r"between 2 and the 31 samples .* got 1 to 20 and 1"):
        frechet_infinity(real, fake, sizes=[1, 20])
    with pytest.raises(ValueError, match="got 10 to 32 and 1"):
        frechet_infinity(real, fake, sizes=[10, 32])
    with pytest.raises(ValueError, match="got 10 to 20 and 0"):
        frechet_infinity(real, fake, sizes=[10, 20], repeats=0)
    with pytest.raises(ValueError, match="two of them different"):
        frechet_infinity(real, fake, sizes=[20])
    with pytest.raises(ValueError, match="sizes is empty"):
        frechet_infinity(real, fake, sizes=[])
