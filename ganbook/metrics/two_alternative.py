"""Two-alternative forced choice: which of these two pictures is real? A class is the instrument.

Each trial shows a real and a generated image, left and right by lot. Who cannot tell is right half
of the time, so a share of wrong answers near 50 % is the best a generator can reach. How far a
share can be trusted is a binomial question. Protocol: Isola et al. (2017), section 4.1, and Zhu et
al. (2017), section 5.1.1 (there on Amazon Mechanical Turk, each picture shown for one second, with
ten trials of practice).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

import torch
from torch import Tensor

SIDES = {"l": True, "left": True, "r": False, "right": False}


@dataclass(frozen=True, eq=False)
class Trials:
    """Pairs to show: ``left`` and ``right`` ``(n, C, H, W)``; which is real is not printed."""

    left: Tensor
    right: Tensor
    real_is_left: Tensor

    def __repr__(self) -> str:  # the pixels would fill the page, the sides would give it away
        return f"Trials({len(self)} pairs of images of shape {tuple(self.left.shape[1:])})"

    def __len__(self) -> int:
        return len(self.left)

    def pair(self, index: int) -> Tensor:
        """Return the two images of a trial, ``(2, C, H, W)``, left one first."""
        return torch.stack([self.left[index], self.right[index]])


@dataclass(frozen=True)
class Judgement:
    """What the answers say: ``fooled`` is the share in which the generated image was called real.

    ``wilson`` and ``exact`` are its intervals (low, high); ``p_value`` is the probability that pure
    guessing is at least as far from one half as this.
    """

    wrong: int
    trials: int
    fooled: float
    wilson: tuple[float, float]
    exact: tuple[float, float]
    p_value: float


def make_trials(
    real: Tensor, fake: Tensor, n: int, generator: torch.Generator | None = None
) -> Trials:
    """Draw ``n`` real and ``n`` generated images without repetition, and a side for each real one.

    Args:
        real: ``(N, C, H, W)``, N at least ``n``.
        fake: ``(M, C, H, W)``, M at least ``n``.
        n: trials.
        generator: draws images and sides; the global one if None.

    Raises:
        ValueError: images of different shapes, or fewer than ``n`` of a kind.
    """
    if real.shape[1:] != fake.shape[1:]:
        raise ValueError(
            f"real and fake differ in shape: {tuple(real.shape)}, {tuple(fake.shape)}. The size "
            "alone would give them away."
        )
    if not 1 <= n <= min(len(real), len(fake)):
        raise ValueError(
            f"n must lie between 1 and the number of images of each kind, got {n} for {len(real)} "
            f"real and {len(fake)} generated ones."
        )
    chosen = [
        images[torch.randperm(len(images), generator=generator)[:n]] for images in (real, fake)
    ]
    real_is_left = torch.rand(n, generator=generator) < 0.5
    sides = real_is_left.view(n, 1, 1, 1)
    return Trials(torch.where(sides, *chosen), torch.where(sides, *reversed(chosen)), real_is_left)


def score(trials: Trials, answers: str | Sequence[str], confidence: float = 0.95) -> Judgement:
    """Compare answers with the truth.

    Args:
        trials: what was shown.
        answers: for each trial the side that was called **real**: a string such as ``"LRRL"``
            (blanks and commas may part it) or a list of "left" and "right".
        confidence: of the intervals.

    Raises:
        ValueError: not one answer a trial, or an answer that is neither left nor right.
    """
    if isinstance(answers, str):
        answers = answers.replace(",", "").split()
        if not all(word.lower() in SIDES for word in answers):
            answers = "".join(answers)
    called_left = []
    for position, answer in enumerate(answers, start=1):
        side = SIDES.get(str(answer).strip().lower())
        if side is None:
            raise ValueError(f"Answer {position} is {answer!r}; accepted are left, right, L and R.")
        called_left.append(side)
    if len(called_left) != len(trials):
        raise ValueError(f"{len(trials)} answers are needed, one a trial; got {len(called_left)}.")
    wrong = int((torch.tensor(called_left) != trials.real_is_left).sum())
    return judge(wrong, len(trials), confidence)


def judge(wrong: int, trials: int, confidence: float = 0.95) -> Judgement:
    """Return the report of ``wrong`` answers in ``trials``: for answers pooled from several people.

    The intervals take all answers for independent. Answers of one person, or about one image,
    resemble each other; then the truth is less certain than they say.

    Raises:
        ValueError: counts that make no sense, or a confidence outside of (0, 1).
    """
    wilson = wilson_interval(wrong, trials, confidence)
    exact = exact_interval(wrong, trials, confidence)
    tail = _at_most(min(wrong, trials - wrong), trials, 0.5)
    return Judgement(wrong, trials, wrong / trials, wilson, exact, min(1.0, 2 * tail))


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    r"""Return Wilson's interval (low, high) of a probability: the p with

    .. math:: \lvert \hat p - p \rvert \le z \sqrt{p (1 - p) / n}

    Unlike the textbook's :math:`\hat p \pm z\sqrt{\hat p(1-\hat p)/n}` it stays within [0, 1] and
    has a width where all answers agree. Wilson (1927); Brown, Cai & DasGupta (2001).

    Raises:
        ValueError: counts that make no sense, or a confidence outside of (0, 1).
    """
    _check(successes, trials, confidence)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, weight = successes / trials, z * z / trials
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * sqrt(share * (1 - share) / trials + weight / (4 * trials))
    return (
        0.0 if successes == 0 else centre - half,
        1.0 if successes == trials else centre + half,
    )


def exact_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval (low, high) of Clopper & Pearson (1934): never too short, often too long.

    Below ``low``, as many successes or more would be rarer than half of what confidence leaves;
    above ``high``, as many or fewer. Both are found by bisection.

    Raises:
        ValueError: counts that make no sense, or a confidence outside of (0, 1).
    """
    _check(successes, trials, confidence)
    rare = (1 - confidence) / 2

    def find(too_small) -> float:
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if too_small(middle) else (low, middle)
        return middle

    failures = trials - successes
    return (
        0.0 if successes == 0 else find(lambda p: _at_most(failures, trials, 1 - p) < rare),
        1.0 if failures == 0 else find(lambda p: _at_most(successes, trials, p) > rare),
    )


def _at_most(successes: int, trials: int, p: float) -> float:
    """Return the probability of at most so many successes, each of probability p in (0, 1)."""
    constant = lgamma(trials + 1)
    return sum(
        exp(
            constant
            - lgamma(k + 1)
            - lgamma(trials - k + 1)
            + k * log(p)
            + (trials - k) * log1p(-p)
        )
        for k in range(successes + 1)
    )


def _check(successes: int, trials: int, confidence: float) -> None:
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(
            f"At least one trial, and between 0 and all successes; got {successes} of {trials}."
        )
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}.")
