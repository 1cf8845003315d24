"""What a reader's loss sends back, and what a reader's training step moves."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ganbook.check.values import tensor
from ganbook.check.verdict import Hint


def gradients(
    value: Tensor, of: Iterable[Tensor], what: str = "the loss", to: str = "the input"
) -> list[Tensor]:
    """Return the gradients of ``value`` (its sum, if it is not one number) with respect to ``of``.

    Args:
        value: what the reader's function returned.
        of: tensors that need a gradient.
        what: how the messages call ``value``.
        to: how the messages call ``of``.

    Raises:
        Hint: the graph is cut, or one of the tensors is not reached.
    """
    tensor(value, what)
    if not value.requires_grad:
        raise Hint(
            f"{what} carries no gradient. Something cut the graph: `.item()`, `.detach()`, "
            "`torch.no_grad()`, or a new tensor made from numbers."
        )
    try:
        found = torch.autograd.grad(value.sum(), list(of), allow_unused=True, retain_graph=True)
    except RuntimeError as error:
        message = " ".join(str(error).split())[:200]
        raise Hint(f"The backward pass of {what} stopped: {message}") from None
    if any(gradient is None for gradient in found):
        raise Hint(f"{what} sends no gradient to {to}. A `.detach()` too much, or not used?")
    return list(found)


def no_gradient(value: Tensor, of: Iterable[Tensor], hint: str) -> None:
    """Raise a Hint if a gradient of ``value`` reaches any of the tensors."""
    if value.requires_grad:
        found = torch.autograd.grad(value.sum(), list(of), allow_unused=True, retain_graph=True)
        if any(gradient is not None and gradient.any() for gradient in found):
            raise Hint(hint)


@contextmanager
def watch(**networks: nn.Module) -> Iterator[set[str]]:
    """Yield a set that holds, after the block, the names of the networks whose weights moved."""
    before = {name: weights(network) for name, network in networks.items()}
    moved: set[str] = set()
    yield moved
    moved |= {name for name in networks if not torch.equal(before[name], weights(networks[name]))}


def weights(network: nn.Module) -> Tensor:
    """Return a copy of all parameters in one vector (P,)."""
    return nn.utils.parameters_to_vector(network.parameters()).detach().clone()


def expect_moved(moved: set[str], due: set[str]) -> None:
    """Raise a Hint if another network moved than those that were due, or one of those did not."""
    for name in sorted(moved - due):
        raise Hint(f"The step moves the {name}, which must rest here.")
    for name in sorted(due - moved):
        raise Hint(f"The step does not move the {name}. Are `backward` and `step` both called?")


def expect_no_backward(*networks: nn.Module) -> None:
    """Raise a Hint if a function that is to return a loss has sent it back by itself."""
    if any(p.grad is not None for network in networks for p in network.parameters()):
        raise Hint("Your function calls `backward` itself. Return the loss; its caller does that.")


def expect_no_gradients(name: str, network: nn.Module, hint: str = "") -> None:
    """Raise a Hint if a backward pass has left gradients in a network that should have none."""
    if any(p.grad is not None and p.grad.any() for p in network.parameters()):
        raise Hint(hint or f"The {name} is left with gradients, which its next step would add in.")
