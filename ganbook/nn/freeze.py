"""Keep a network's parameters out of a backward pass."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def frozen(module: nn.Module) -> Iterator[nn.Module]:
    """Switch off ``requires_grad`` of all parameters inside the ``with`` block, then restore it.

    Gradients still flow *through* the module to its input, which is what a generator needs of its
    discriminator; the discriminator's own gradients are neither computed nor stored.
    """
    before = [parameter.requires_grad for parameter in module.parameters()]
    module.requires_grad_(False)
    try:
        yield module
    finally:
        for parameter, flag in zip(module.parameters(), before, strict=True):
            parameter.requires_grad_(flag)
