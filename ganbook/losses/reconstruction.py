"""Reconstruction losses: how far an output is from the one wanted, pixel by pixel."""

from torch import Tensor
from torch.nn.functional import l1_loss, mse_loss

KINDS = ("l1", "l2")


def reconstruction_loss(output: Tensor, target: Tensor, kind: str = "l1") -> Tensor:
    r"""Return :math:`\mathbb{E}\,|x - y|` (``l1``) or :math:`\mathbb{E}\,(x - y)^2` (``l2``).

    Of all constants the median makes the first smallest and the mean the second: where one input
    has several right outputs, an ``l1`` network learns their median and an ``l2`` network their
    mean, pixel by pixel.

    Args:
        output: any shape.
        target: the same shape.
        kind: ``l1`` or ``l2``.

    Raises:
        ValueError: the shapes differ, or another kind.

    Source: Isola, Zhu, Zhou & Efros (2017), equation 3. Deviation: a mean over pixels, as in the
    authors' code, where the equation has a sum.
    """
    if output.shape != target.shape:
        raise ValueError(
            f"output and target differ in shape: {tuple(output.shape)}, {tuple(target.shape)}."
        )
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; accepted are {', '.join(KINDS)}.")
    return l1_loss(output, target) if kind == "l1" else mse_loss(output, target)
