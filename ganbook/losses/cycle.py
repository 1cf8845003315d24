r"""What ties two generators :math:`G: A \to B` and :math:`F: B \to A` together without pairs."""

from torch import Tensor
from torch.nn.functional import cross_entropy, l1_loss


def cycle_consistency_loss(recovered: Tensor, original: Tensor) -> Tensor:
    r"""Return :math:`\mathbb{E}_a\,\|F(G(a)) - a\|_1`, the mean over images, channels and pixels.

    Args:
        recovered: :math:`F(G(a))`, ``(N, C, H, W)``.
        original: :math:`a`, of the same shape.

    Raises:
        ValueError: the shapes differ.

    Source: Zhu, Park, Isola & Efros (2017), equation 2, one of its two terms. Deviation: a mean
    over pixels, as in the authors' code, where the equation has a sum.
    """
    _check_shapes(recovered, original, "recovered", "original")
    return l1_loss(recovered, original)


def identity_loss(same: Tensor, target: Tensor) -> Tensor:
    r"""Return :math:`\mathbb{E}_b\,\|G(b) - b\|_1`: an image already in G's target should stay.

    Args:
        same: :math:`G(b)`, ``(N, C, H, W)``.
        target: :math:`b`, of the same shape.

    Raises:
        ValueError: the shapes differ.

    Source: Zhu, Park, Isola & Efros (2017), section 5.2, after Taigman, Polyak & Wolf (2017). A
    mean over pixels, as above.
    """
    _check_shapes(same, target, "same", "target")
    return l1_loss(same, target)


def semantic_loss(translated_logits: Tensor, original_logits: Tensor) -> Tensor:
    r"""Return the cross-entropy of a translation's classes with those read in the original.

    .. math:: \mathbb{E}_a[-\log p(\hat y(a) \mid G(a))], \quad \hat y(a) = \arg\max_y p(y \mid a)

    Args:
        translated_logits: a fixed classifier's logits for :math:`G(a)`, ``(N, K)``.
        original_logits: its logits for :math:`a`, ``(N, K)``; only their largest counts.

    Raises:
        ValueError: the shapes differ.

    Source: Hoffman et al. (2018), CyCADA, equation 4.
    """
    _check_shapes(translated_logits, original_logits, "translated_logits", "original_logits")
    return cross_entropy(translated_logits, original_logits.argmax(dim=1))


def _check_shapes(first: Tensor, second: Tensor, first_name: str, second_name: str) -> None:
    if first.shape != second.shape:
        raise ValueError(
            f"{first_name} and {second_name} must have one shape, got {tuple(first.shape)} and "
            f"{tuple(second.shape)}."
        )
