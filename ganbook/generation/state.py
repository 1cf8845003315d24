"""What training changes in a model that decodes codes into images."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ganbook.models.vae import logits_to_images
from ganbook.nn.eval_mode import eval_mode
from ganbook.training.history import History


@dataclass
class CodeState:
    """One network with ``decode``, its optimizer and the counters.

    ``fit``, the checkpoints and the callbacks take it as they take a ``GANState``; ``step`` counts
    finished steps.
    """

    config: Any
    network: nn.Module
    optimizer: Optimizer
    step: int = 0
    history: History = field(default_factory=History)

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters()).device

    def latents(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw ``(n, latent_dim)`` standard normal codes, on the network's device."""
        z = torch.randn(n, self.config.latent_dim, generator=generator)
        return z.to(self.device)

    def generate(self, z: Tensor, batch_size: int = 256) -> Tensor:
        """Return the images ``(N, C, H, W)`` in [-1, 1] of codes ``(N, latent_dim)``, on the CPU.

        The network runs in eval mode, so an image does not depend on the others in its batch.
        """
        return self.in_parts(lambda z: logits_to_images(self.network.decode(z)), z, batch_size)

    def sample(self, n: int, seed: int = 0) -> Tensor:
        """Return ``n`` images of codes drawn from N(0, I), on the CPU; a seed fixes them."""
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}.")
        return self.generate(self.latents(n, torch.Generator().manual_seed(seed)))

    @torch.no_grad()
    def in_parts(
        self, function: Callable[[Tensor], Tensor], inputs: Tensor, batch_size: int = 256
    ) -> Tensor:
        """Return ``function`` of the inputs, computed in parts and in eval mode, on the CPU."""
        parts = inputs.split(batch_size)
        with eval_mode(self.network):
            return torch.cat([function(part.to(self.device)).cpu() for part in parts])
