"""The auxiliary classifier's loss: is the class read that was asked for?"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def label_loss(class_logits: Sequence[Tensor], labels: Tensor) -> Tensor:
    r"""Return cross-entropy, averaged over the batch and added up over the attributes.

    .. math:: L_C = -\sum_k \mathbb{E}\,\log C_k(y_k \mid x)

    Args:
        class_logits: one tensor ``(N, K)`` an attribute; an empty list gives 0.
        labels: ``(N, A)`` int64.

    Raises:
        ValueError: not one column of labels for each tensor of logits.

    Source: Odena, Olah & Shlens (2017), equation 3, for one batch (real or generated).
    """
    if not class_logits:
        return torch.zeros((), device=labels.device)
    if labels.ndim != 2 or labels.shape[1] != len(class_logits):
        raise ValueError(
            f"labels must have shape (N, {len(class_logits)}), got {tuple(labels.shape)}."
        )
    columns = labels.unbind(dim=1)
    return sum(cross_entropy(logits.float(), y) for logits, y in zip(class_logits, columns))
