r"""Penalties on how steep a discriminator is: on its gradient with respect to its *input*.

Both take one gradient and one norm **a sample**. The gradient of the sum of all scores holds just
that, as long as a score depends on its own sample alone; batch norm breaks it.
"""

import torch
from torch import Tensor, nn


def gradient_penalty(
    critic: nn.Module,
    real: Tensor,
    fake: Tensor,
    target: float = 1.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    r"""Return :math:`\mathbb{E}[(\lVert\nabla f(\hat x)\rVert_2 - t)^2]` between real and fake.

    .. math:: \hat x = \varepsilon x + (1 - \varepsilon)\, G(z), \qquad \varepsilon \sim U[0, 1]

    with its own :math:`\varepsilon` for each sample. The result can be differentiated with respect
    to the critic's parameters; nothing flows back to ``real`` and ``fake``. It is computed in
    float32, also inside autocast.

    Args:
        critic: maps ``(N, ...)`` to scores ``(N,)`` or ``(N, ...)``; a score must depend on its own
            sample alone.
        real: ``(N, ...)``.
        fake: the same shape.
        target: the norm asked for; 0 for flat between the samples.
        generator: source of :math:`\varepsilon`, a CPU generator; the global one by default.

    Raises:
        ValueError: real and fake differ in shape.

    Source: Gulrajani et al. (2017), equation 3; the weight of 10 is left to the caller.
    """
    if real.shape != fake.shape:
        raise ValueError(
            f"real and fake must have one shape, got {tuple(real.shape)} and {tuple(fake.shape)}."
        )
    shape = (len(real), *[1] * (real.ndim - 1))  # one number a sample, for all of its pixels
    epsilon = torch.rand(shape, generator=generator).to(real.device)
    between = epsilon * real.detach().float() + (1 - epsilon) * fake.detach().float()
    return (_gradient_norms(critic, between) - target).square().mean()


def r1_penalty(discriminator: nn.Module, real: Tensor) -> Tensor:
    r"""Return :math:`\tfrac12\,\mathbb{E}_x[\lVert\nabla\ell(x)\rVert_2^2]` on real samples.

    Where the generator has reached the data, a discriminator has no reason to be steep any more;
    this makes it flat there. Args and precision as for :func:`gradient_penalty`.

    Source: Mescheder, Geiger & Nowozin (2018), equation 9; the weight, gamma, is left to the
    caller.
    """
    return 0.5 * _gradient_norms(discriminator, real.detach().float(), squared=True).mean()


def _gradient_norms(network: nn.Module, inputs: Tensor, squared: bool = False) -> Tensor:
    """Return ``(N,)``: the (squared) L2 norm of each sample's gradient, itself differentiable."""
    inputs = inputs.requires_grad_()
    with torch.autocast(inputs.device.type, enabled=False):
        scores = network(inputs)
        # The sum's gradient is each score's own: create_graph lets a loss be made of it.
        (gradient,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
        squares = gradient.flatten(1).square().sum(dim=1)
    # The root has no derivative at 0, where a dead critic starts; the offset is far below rounding.
    return squares if squared else (squares + 1e-24).sqrt()
