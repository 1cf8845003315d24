"""Looking at a network without disturbing its training."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def eval_mode(network: nn.Module) -> Iterator[None]:
    """Put a network into eval mode, and back into the mode it was in; also after an error."""
    was_training = network.training
    network.eval()
    try:
        yield
    finally:
        network.train(was_training)
