"""ganbook.metrics.two_alternative: intervals against scipy, trials by hand."""

import pytest
import torch
from scipy.stats import binom, binomtest

from ganbook.metrics.two_alternative import (
    exact_interval,
    judge,
    make_trials,
    score,
    wilson_interval,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def trials():
    real = torch.arange(1.0, 21.0).view(20, 1, 1, 1).expand(20, 3, 2, 2)
    return make_trials(real, -real[:15], 12, seeded())


def truth(trials):
    return ["left" if left else "right" for left in trials.real_is_left]


@pytest.mark.parametrize("confidence", [0.68, 0.95, 0.99])
@pytest.mark.parametrize(
    ("wrong", "n"),
    [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (50, 100), (123, 1000), (999, 1000)],
)
def test_intervals_and_p_value_equal_scipys(wrong, n, confidence):
    peer = binomtest(wrong, n, 0.5)
    found = judge(wrong, n, confidence)
    wilson, exact = (peer.proportion_ci(confidence, method=name) for name in ("wilson", "exact"))
    assert found.wilson == pytest.approx((wilson.low, wilson.high), abs=1e-9)
    assert found.exact == pytest.approx((exact.low, exact.high), abs=1e-9)
    assert found.p_value == pytest.approx(peer.pvalue, rel=1e-9)
    assert (found.wrong, found.trials, found.fooled) == (wrong, n, wrong / n)


def test_by_hand():
    # No success in 10: the p with (1 - p)^10 = 0.025.
    assert exact_interval(0, 10) == pytest.approx((0, 1 - 0.025**0.1))
    # One half of the answers, n = 4, z = 1.96: centre 1/2, half-width z / (2 sqrt(n + z^2)).
    z = 1.959964
    half = z / (2 * (4 + z * z) ** 0.5)
    assert wilson_interval(2, 4) == pytest.approx((0.5 - half, 0.5 + half), rel=1e-6)
    assert judge(10, 10).p_value == pytest.approx(2 / 2**10)
    assert judge(5, 10).p_value == 1


def test_the_exact_interval_holds_the_truth_at_least_so_often():
    n, p = 20, 0.3
    held = [k for k in range(n + 1) if exact_interval(k, n)[0] <= p <= exact_interval(k, n)[1]]
    assert 0.95 <= binom.pmf(held, n, p).sum() < 1


def test_each_pair_has_one_real_and_one_generated_image(trials):
    assert len(trials) == 12 and trials.left.shape == (12, 3, 2, 2)
    values = torch.stack([trials.left, trials.right], dim=1)[:, :, 0, 0, 0]  # real ones positive
    assert torch.equal(values[:, 0] > 0, trials.real_is_left)
    assert torch.equal((values > 0).sum(dim=1), torch.ones(12, dtype=torch.int64))
    for kind in (values[values > 0], values[values < 0]):
        assert len(kind.unique()) == 12  # none is shown twice
    assert torch.equal(trials.pair(3), torch.stack([trials.left[3], trials.right[3]]))


def test_sides_are_drawn_by_lot_and_follow_the_generator():
    images = torch.zeros(2000, 1, 1, 1)
    many = make_trials(images, images, 2000, seeded())
    assert 0.45 < many.real_is_left.double().mean() < 0.55
    assert torch.equal(many.real_is_left, make_trials(images, images, 2000, seeded()).real_is_left)


def test_printing_the_trials_gives_nothing_away(trials):
    assert repr(trials) == "Trials(12 pairs of images of shape (3, 2, 2))"
    assert repr(trials) == str(trials)


def test_answers_in_every_form(trials):
    right = truth(trials)
    letters = "".join(side[0].upper() for side in right)
    spaced = f"{letters[:5]} {letters[5:]}"
    for answers in (right, letters, letters.lower(), spaced, ", ".join(letters), " ".join(right)):
        assert score(trials, answers).wrong == 0, answers
    turned = ["left" if side == "right" else "right" for side in right]
    assert score(trials, turned).fooled == 1
    assert score(trials, turned[:3] + right[3:]) == judge(3, 12)


def test_wrong_answers(trials):
    with pytest.raises(ValueError, match="12 answers are needed, one a trial; got 3"):
        score(trials, "LRL")
    with pytest.raises(ValueError, match="Answer 2 is 'X'; accepted are left, right, L and R"):
        score(trials, "LX" + 10 * "R")
    with pytest.raises(ValueError, match="Answer 1 is 0"):
        score(trials, 12 * [0])


def test_wrong_trials():
    images = torch.zeros(5, 1, 4, 4)
    with pytest.raises(ValueError, match=r"differ in shape.*give them away"):
        make_trials(images, torch.zeros(5, 1, 4, 5), 2)
    for n in (0, 6):
        with pytest.raises(ValueError, match=f"got {n} for 5 real and 9 generated ones"):
            make_trials(images, torch.zeros(9, 1, 4, 4), n)


@pytest.mark.parametrize("interval", [wilson_interval, exact_interval, judge])
def test_wrong_counts(interval):
    for wrong, n in ((-1, 5), (6, 5), (0, 0)):
        with pytest.raises(ValueError, match=f"got {wrong} of {n}"):
            interval(wrong, n)
    with pytest.raises(ValueError, match=r"confidence must lie between 0 and 1, got 95"):
        interval(1, 5, 95)
