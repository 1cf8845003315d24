"""All that training changes, in one place."""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ganbook.nn.ema import EMA
from ganbook.nn.eval_mode import eval_mode
from ganbook.training.history import History


@dataclass
class GANState:
    """The networks, optimizers and counters of a GAN with one generator and one discriminator.

    ``step`` counts finished steps. ``ema`` is the averaged generator, or None. A GAN with other
    parts defines its own dataclass; ``fit`` and the checkpoints need only ``config``, ``step`` and
    ``history``, and save every field that has a ``state_dict``.
    """

    config: Any
    generator: nn.Module
    discriminator: nn.Module
    generator_optimizer: Optimizer
    discriminator_optimizer: Optimizer
    ema: EMA | None = None
    step: int = 0
    history: History = field(default_factory=History)

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return next(self.generator.parameters()).device

    @property
    def sampler(self) -> nn.Module:
        """The network to sample from: the averaged generator if there is one."""
        return self.generator if self.ema is None else self.ema.module

    def latents(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw ``(n, latent_dim)`` standard normal latents, on the networks' device."""
        z = torch.randn(n, self.config.latent_dim, generator=generator)
        return z.to(self.device)

    @torch.no_grad()
    def generate(self, z: Tensor, batch_size: int = 256) -> Tensor:
        """Return the sampler's images of latents ``(N, latent_dim)``, on the CPU.

        The sampler runs in eval mode, so an image does not depend on the others in its batch; its
        mode is restored afterwards.
        """
        sampler = self.sampler
        with eval_mode(sampler):
            return torch.cat([sampler(part.to(self.device)).cpu() for part in z.split(batch_size)])

    def sample(self, n: int, seed: int = 0) -> Tensor:
        """Return ``n`` samples, on the CPU; the same seed gives the same latents."""
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}.")
        return self.generate(self.latents(n, torch.Generator().manual_seed(seed)))
