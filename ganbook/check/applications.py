"""Checks of chapter 11: the error of a blend, falsified patients, and false alarms."""

from collections.abc import Callable

from ganbook.check.values import number, same
from ganbook.check.verdict import Hint, call, verdict


def blend_error(function: Callable) -> None:
    """Check exercise 2, ``function(error_a, error_b, apart, alpha) -> error``.

    Given are the squared errors of two pictures a and b, their squared distance, and the share of
    b. Checked: the blend's squared error, also at the ends.
    """
    with verdict("a blend lies below the straight line between its ends."):
        for error_a, error_b, apart in ((3.0, 7.0, 4.5), (2.0, 2.0, 8.0), (5.0, 1.0, 2.0)):
            for alpha in (0.25, 0.0, 1.0, 0.5):
                line = (1 - alpha) * error_a + alpha * error_b
                gain = alpha * (1 - alpha) * apart
                product = alpha * (1 - alpha) * (error_a + error_b - apart)
                a, b = error_a, error_b
                case = f"errors {a:g} and {b:g}, {apart:g} apart, at α = {alpha:g}"
                same(
                    call(function, error_a, error_b, apart, alpha),
                    line - gain,
                    f"the error ({case})",
                    [
                        (
                            alpha * a + (1 - alpha) * b - gain,
                            f"For {case}, whose share is α? At α = 0 the blend is a.",
                        ),
                        (
                            line,
                            f"For {case}, you give the straight line. Two pictures with errors on "
                            "different sides correct each other; where is that?",
                        ),
                        (
                            line + gain,
                            f"For {case}, is a blend worse than the line between its ends? Look "
                            "at the sign of the last term.",
                        ),
                        (
                            line - apart,
                            f"For {case}, a distance is subtracted whole. How large is the term "
                            "at α = 0 and at α = 1?",
                        ),
                        (
                            line - alpha * apart,
                            f"For {case}, how large should the last term be at α = 1, where the "
                            "blend is b?",
                        ),
                        (
                            line - (1 - alpha) * apart,
                            f"For {case}, how large should the last term be at α = 0, where the "
                            "blend is a?",
                        ),
                        (
                            line - 2 * gain,
                            f"For {case}, the last term is twice as large as it should be: when "
                            "you put in 2 u·v, what was its factor before?",
                        ),
                        (
                            (1 - alpha) ** 2 * a + alpha**2 * b,
                            f"For {case}, the mixed term is missing: u and v are not at right "
                            "angles.",
                        ),
                        *(
                            (
                                (1 - alpha) ** 2 * a + alpha**2 * b + mixed,
                                f"For {case}, the mixed term is wrong. Write 2 u·v with the three "
                                "squares that are given.",
                            )
                            for mixed in (gain, -gain, -product, 2 * product, product / 2)
                        ),
                    ],
                )


def least_falsified(function: Callable) -> None:
    """Check exercise 4, ``function(alpha, beta) -> share``.

    Checked: the least share of patients that a translator falsifies if it turns a share alpha of
    lesions into a share beta; both directions, and equal shares.
    """
    with verdict("no translator that matches the shares can do with less."):
        for alpha, beta in ((0.2, 0.7), (0.7, 0.2), (0.4, 0.4), (0.0, 0.3), (1.0, 0.9)):
            found = number(call(function, alpha, beta), "the share")
            case = f"for α = {alpha:g} and β = {beta:g},"
            least = abs(alpha - beta)
            if found < -1e-9:
                raise Hint(
                    f"{case} you give a negative share. If lesions must become fewer, is nobody "
                    "falsified?"
                )
            if found > 1:
                raise Hint(f"{case} you give {found:g}, more than all patients. A share, please.")
            same(
                found,
                least,
                f"the share {case[:-1]}",
                [
                    (
                        0.0,
                        f"{case} you say that nobody is falsified. Then how do the shares become "
                        "equal?",
                    ),
                    (
                        alpha * (1 - beta) + beta * (1 - alpha),
                        f"{case} that is what happens if the lesions are handed out by chance. "
                        "What could the kindest translator do?",
                    ),
                    (
                        (1 - alpha) * beta,
                        f"{case} that many lesions are invented if they are handed out by chance. "
                        "What could the kindest translator do?",
                    ),
                    (
                        least / 2,
                        f"{case} too few. By how much does one wrong patient change the share of "
                        "lesions?",
                    ),
                    (
                        max(alpha, beta),
                        f"{case} a lesion that was there and stays falsifies nobody.",
                    ),
                    (
                        beta,
                        f"{case} a lesion that was there and stays falsifies nobody.",
                    ),
                    (
                        alpha + beta,
                        f"{case} that would be to remove every lesion and to invent all of the "
                        "new ones. Is that needed?",
                    ),
                ],
            )


def allowed_false_alarms(function: Callable) -> None:
    """Check exercise 5, ``function(prevalence, hits, right) -> rate`` of false alarms allowed.

    ``right`` is the share of the alarms that shall be right. Checked by the share that comes out.
    """
    with verdict("with that rate, the wanted share of alarms is right."):
        for prevalence, hits, right in ((0.001, 0.99, 0.9), (0.25, 0.8, 0.5), (0.5, 0.6, 0.75)):
            caught = prevalence * hits
            rate = caught * (1 - right) / (right * (1 - prevalence))
            found = number(call(function, prevalence, hits, right), "the rate")
            case = f"with {prevalence:.1%} fakes, of which {hits:.0%} are caught"
            slips = [
                (
                    caught * (1 - right) / right,
                    f"Nearly, {case}. That is the share of false alarms among all images. A rate "
                    "of false alarms is a share of whom?",
                ),
                (
                    caught / (right * (1 - prevalence)),
                    f"{case}, count the wrong alarms and not all: of the alarms, which share may "
                    "be wrong?",
                ),
                (
                    caught * right / ((1 - right) * (1 - prevalence)),
                    f"{case}, right and wrong alarms stand upside down: you allow more wrong "
                    "ones than there are right ones.",
                ),
                (
                    1 - right,
                    f"{case}, the share of alarms that may be wrong is not the share of "
                    "real images that may be accused: there are many more real images.",
                ),
                (
                    hits * (1 - right) / right,
                    f"{case}, you count as if half of the images were fake.",
                ),
                (
                    caught * (1 - right) / (1 - prevalence),
                    f"{case}, the share of wrong alarms is taken of the right ones. It is a share "
                    "of all alarms.",
                ),
                (
                    prevalence * (1 - right) / (right * (1 - prevalence)),
                    f"{case}, you count as if every fake were caught.",
                ),
                (100 * rate, f"{case}, a share please, and not per cent."),
                (1 - rate, f"{case}, that is the share of real images to be left alone."),
                (
                    1 / rate,
                    f"{case}, that is in how many real images one false alarm is allowed. "
                    "Which rate is it?",
                ),
                (
                    caught / (caught + (1 - prevalence) * right),
                    f"{case}, that puts the wanted share where the rate of false alarms stands. "
                    "Which of them is asked for?",
                ),
            ]
            if found < 0:
                raise Hint(f"{case}, you give a negative rate.")
            if abs(found - rate) > 1e-4 * rate and not any(
                abs(found - slip) <= 1e-4 * abs(slip) for slip, _ in slips
            ):
                share = caught / (caught + (1 - prevalence) * found)
                raise Hint(
                    f"{case}, your rate of {found:.3g} makes {share:.1%} of the alarms right, and "
                    f"{right:.0%} are wanted. Solve Bayes' formula for the rate."
                )
            same(found, rate, "the rate", slips)
