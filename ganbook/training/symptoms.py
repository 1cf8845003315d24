"""The failures of GANs that a few numbers betray: one function, one symptom.

Each function takes the looks at a run so far, oldest first, and returns None if the last one is
not suspicious. Otherwise it returns three sentences: what was seen, what that usually means, what
to try. The limits are rules of thumb, found on the runs of chapter 5; they are arguments.
"""

from collections.abc import Sequence
from itertools import pairwise

from ganbook.training.looks import Look


def saturated_discriminator(looks: Sequence[Look], limit: float = 0.98) -> str | None:
    """Mean D above ``limit`` on real samples and below 1 - ``limit`` on fakes."""
    last = looks[-1]
    if last.certainty <= limit:
        return None
    return (
        f"The discriminator is sure of everything: D is at least {last.certainty:.3f} on real "
        f"samples and at most {1 - last.certainty:.3f} on fakes. It has learnt so far ahead of the "
        "generator that its advice is coarse. Try a lower learning rate for it, R1 or spectral "
        "norm, instance noise, or more data."
    )


def vanishing_gradient(
    looks: Sequence[Look], limit: float = 0.01, apart: float = 0.9
) -> str | None:
    """Less than ``limit`` of the score's gradient passed on, though fakes are recognised.

    At an equilibrium gradients are small as well, but there fakes cannot be told apart.
    """
    last = looks[-1]
    if not 0 < last.passed_on < limit or last.told_apart < apart:
        return None
    return (
        f"The generator's gradient has length {last.gradient:.1e}, which is {last.passed_on:.1e} "
        f"of what the discriminator's score itself would send, while {last.told_apart:.0%} of the "
        "fakes are told from real samples. Its loss is flat where fakes are recognised. Try the "
        "non-saturating loss, a Wasserstein loss, or a weaker discriminator."
    )


def generator_stands_still(looks: Sequence[Look]) -> str | None:
    """No gradient at the generator, or not one parameter moved since the last look."""
    last = looks[-1]
    if last.gradient > 0 and last.moved != 0:
        return None
    seen = "got no gradient" if last.gradient == 0 else "has a gradient but did not move"
    return (
        f"The generator {seen} in the step before this look. Somewhere the way from its loss to "
        "its parameters is cut. Look for detach(), no_grad() or .data in the generator's turn, and "
        "check that its optimizer holds its parameters and steps."
    )


def exploding_critic(looks: Sequence[Look], limit: float = 50, growth: float = 2) -> str | None:
    """Scores spread wider than ``limit``, and ``growth`` times as wide as half of the looks ago."""
    last, before = looks[-1], looks[len(looks) // 2 - 1]
    if len(looks) < 2 or last.scale <= max(limit, growth * before.scale):
        return None
    return (
        f"The scores spread over {last.scale:.0f}, {last.scale / before.scale:.1f} times as far as "
        f"at step {before.step}. Nothing limits the discriminator's slope, so it lowers its loss "
        "by growing. Try a gradient penalty, spectral norm or R1, or a lower learning rate."
    )


def oscillation(
    looks: Sequence[Look], limit: float = 0.3, turning: float = 3, window: int = 10
) -> str | None:
    """The mean fake travels further than ``limit`` spreads a look, and gets nowhere.

    Over the last ``window`` moves the way must be ``turning`` times as long as the line from its
    start to its end: a generator that is still on its way to the data goes straight.
    """
    if len(looks) <= window:
        return None
    centers = [look.center for look in looks[-window - 1 :]]
    way = sum((b - a).norm().item() for a, b in pairwise(centers))
    line = (centers[-1] - centers[0]).norm().item()
    if way / window <= limit or way <= turning * line:
        return None
    return (
        f"The mean of the fakes travelled {way:.1f} times the data's spread in the last {window} "
        f"looks and ended {line:.1f} from where it began. Generator and discriminator chase each "
        "other in circles. Try less momentum (beta1 of 0 or 0.5), R1, lower learning rates, and an "
        "average of the generator's weights."
    )


def mode_collapse(looks: Sequence[Look], limit: float = 0.3, start: int = 5) -> str | None:
    """More than ``limit`` of the real samples lie where the generator draws hardly anything.

    Every generator begins as a heap, so the first ``start`` looks are not judged.
    """
    last = looks[-1]
    if len(looks) <= start or last.missing <= limit:
        return None
    return (
        f"Where {last.missing:.0%} of the real samples lie, the generator draws hardly anything. "
        "It has settled on few kinds of sample, or spreads very slowly. Look at many samples at "
        "once. Try less momentum, lower learning rates, R1 or a gradient penalty, a larger batch."
    )


def memorising(looks: Sequence[Look], limit: float = 0.4, apart: float = 0.8) -> str | None:
    """Held-out real samples are more than ``limit`` of the way from training samples to fakes.

    Where fakes cannot be told from the training samples that way has no length, so none is judged.
    """
    last = looks[-1]
    if last.by_heart is None or last.by_heart <= limit or last.told_apart < apart:
        return None
    return (
        f"The discriminator places real samples it has never seen {last.by_heart:.0%} of the way "
        "from those it was trained on to the fakes. It knows its data by heart, and the generator "
        "is rewarded for copies. Try more data, random shifts of all that it sees, a smaller "
        "discriminator, or stop earlier."
    )


def batch_norm_leak(looks: Sequence[Look], limit: float = 0.2) -> str | None:
    """Fakes in a batch of their own get a mean D that is higher by ``limit`` than in the step."""
    last = looks[-1]
    if last.company is None or last.company <= limit:
        return None
    return (
        f"In a batch of their own the fakes get a mean D that is {last.company:.2f} higher than "
        "the discriminator's step reported. Batch norm lets its verdict depend on the company, so "
        "real and fake were probably in one batch there. Give each a batch of its own, or use "
        "instance norm, or none, in the discriminator."
    )
