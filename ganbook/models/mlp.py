"""Fully connected generator and discriminator, for points in the plane and for small images."""

import math

from torch import Tensor, nn


class MLPGenerator(nn.Module):
    """Map latents ``(N, latent_dim)`` to samples ``(N, *sample_shape)``.

    Two hidden layers with ReLU. Images (three-dimensional ``sample_shape``) end in tanh, so they
    lie in [-1, 1]; points end linearly, since they have no bound.

    Args:
        latent_dim: length of z.
        sample_shape: ``(2,)`` for points, ``(C, H, W)`` for images.
        hidden: units in each hidden layer.
    """

    def __init__(
        self, latent_dim: int = 64, sample_shape: tuple[int, ...] = (1, 32, 32), hidden: int = 256
    ):
        super().__init__()
        self.latent_dim = latent_dim
        self.sample_shape = tuple(sample_shape)
        self.layers = nn.Sequential(
            nn.Linear(latent_dim, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, math.prod(sample_shape)),
            nn.Tanh() if len(sample_shape) == 3 else nn.Identity(),
        )

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z).view(-1, *self.sample_shape)


class MLPDiscriminator(nn.Module):
    """Map samples ``(N, *sample_shape)`` to logits ``(N,)``; two hidden layers, LeakyReLU(0.2)."""

    def __init__(self, sample_shape: tuple[int, ...] = (1, 32, 32), hidden: int = 256):
        super().__init__()
        self.sample_shape = tuple(sample_shape)
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(math.prod(sample_shape), hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, 1),
        )

    def forward(self, samples: Tensor) -> Tensor:
        if samples.shape[1:] != self.sample_shape:
            wanted = ", ".join(map(str, self.sample_shape))
            raise ValueError(
                f"This discriminator takes shape (N, {wanted}), got {tuple(samples.shape)}."
            )
        return self.layers(samples).squeeze(1)
