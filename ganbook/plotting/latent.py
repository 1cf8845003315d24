"""Walks through latent space."""

import torch
from torch import Tensor


def lerp(start: Tensor, end: Tensor, steps: int) -> Tensor:
    """Return ``steps`` points on the straight line between two latents ``(D,)``, ends included."""
    weight = _weights(start, end, steps)
    return (1 - weight) * start + weight * end


def slerp(start: Tensor, end: Tensor, steps: int) -> Tensor:
    r"""Return ``steps`` points on the arc between two latents ``(D,)``, ends included.

    .. math:: \frac{\sin((1-t)\omega)}{\sin\omega}\,z_0 + \frac{\sin(t\omega)}{\sin\omega}\,z_1,
              \qquad \omega = \angle(z_0, z_1)

    Nearly all latents of a normal distribution in many dimensions have a length close to
    :math:`\sqrt D`; the straight line between two leaves that shell, the arc stays near it.
    Source: White (2016), Sampling Generative Networks, section 2.1.
    """
    weight = _weights(start, end, steps)
    cosine = torch.dot(start, end) / (start.norm() * end.norm())
    angle = torch.arccos(cosine.clamp(-1, 1))
    if not angle.sin() > 1e-3:  # parallel, opposite or zero: the arc is the line, or there is none
        return lerp(start, end, steps)
    return (((1 - weight) * angle).sin() * start + (weight * angle).sin() * end) / angle.sin()


def _weights(start: Tensor, end: Tensor, steps: int) -> Tensor:
    if start.ndim != 1 or start.shape != end.shape:
        raise ValueError(
            f"start and end must both have shape (D,), got {tuple(start.shape)} and "
            f"{tuple(end.shape)}."
        )
    if steps < 2:
        raise ValueError(f"steps must be at least 2, got {steps}.")
    return torch.linspace(0, 1, steps, device=start.device)[:, None]
