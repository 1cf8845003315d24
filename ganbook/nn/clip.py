"""Weight clipping: the first, crude way to keep a critic from growing steep."""

import torch
from torch import nn


@torch.no_grad()
def clip_weights(network: nn.Module, limit: float) -> None:
    """Move every parameter into [-limit, limit], in place; call it after each of its updates.

    Raises:
        ValueError: ``limit`` is not positive.

    Source: Arjovsky, Chintala & Bottou (2017), algorithm 1, line 7, with limit 0.01.
    """
    if not limit > 0:
        raise ValueError(f"limit must be positive, got {limit}.")
    for parameter in network.parameters():
        parameter.clamp_(-limit, limit)
