"""Mixtures of Gaussians in the plane: data whose modes can be counted."""

import math

import torch
from torch import Tensor


def ring_centers(modes: int = 8, radius: float = 2.0) -> Tensor:
    """Return ``(modes, 2)`` centres, evenly spaced on a circle."""
    _check_positive(modes=modes, radius=radius)
    angle = torch.arange(modes) * (2 * math.pi / modes)
    return radius * torch.stack([angle.cos(), angle.sin()], dim=1)


def grid_centers(side: int = 5, spacing: float = 2.0) -> Tensor:
    """Return ``(side * side, 2)`` centres on a square grid around the origin."""
    _check_positive(side=side, spacing=spacing)
    line = (torch.arange(side) - (side - 1) / 2) * spacing
    return torch.cartesian_prod(line, line)


def sample_mixture(
    centers: Tensor, n: int, std: float = 0.05, generator: torch.Generator | None = None
) -> Tensor:
    """Draw ``(n, 2)`` points from the mixture of equal Gaussians around ``centers``.

    Args:
        centers: ``(K, 2)``.
        std: standard deviation of each Gaussian, in both directions.
        generator: source of randomness; the global one by default.
    """
    _check_positive(n=n, std=std)
    which = torch.randint(len(centers), (n,), generator=generator)
    return centers[which] + std * torch.randn(n, 2, generator=generator)


def _check_positive(**values: float) -> None:
    for name, value in values.items():
        if value <= 0:
            raise ValueError(f"{name} must be positive, got {value}.")
