"""The variational autoencoder: encoder and decoder maximise a bound of the likelihood.

Source: Kingma & Welling (2014), Auto-Encoding Variational Bayes, algorithm 1 with one drawn code an
image; the weight beta: Higgins et al. (2017). Deviations: convolutions and Adam.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim import Adam

from ganbook.generation.state import CodeState
from ganbook.losses.elbo import bernoulli_nats, gaussian_nats, kl_to_standard_normal, negative_elbo
from ganbook.models.vae import VAE, logits_to_images
from ganbook.runtime import autocast, memory_format

LIKELIHOODS = ("bernoulli", "gaussian")


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with.

    Raises:
        ValueError: another likelihood, a variance that is not positive, or a negative number.
    """

    channels: int = 1
    size: int = 32
    latent_dim: int = 16
    width: int = 32
    likelihood: str = "bernoulli"  # for digits; gaussian for colours
    variance: float = 0.05  # of the Gaussian likelihood, for pixels in [-1, 1]
    beta: float = 1.0  # weight of the KL term
    warmup_steps: int = 0  # beta rises evenly from 0 over so many steps
    learning_rate: float = 1e-3
    precision: str = "float32"

    def __post_init__(self):
        if self.likelihood not in LIKELIHOODS:
            raise ValueError(
                f"likelihood is {self.likelihood!r}; accepted are {', '.join(LIKELIHOODS)}."
            )
        if not self.variance > 0:
            raise ValueError(f"variance must be positive, got {self.variance}.")
        for name in ("beta", "warmup_steps"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}.")


@dataclass
class VAEState(CodeState):
    """The network, its optimizer and the counters."""

    def encode(self, images: Tensor, batch_size: int = 256) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance ``(N, latent_dim)`` of images in [-1, 1], on the CPU."""
        both = self.in_parts(
            lambda part: torch.cat(self.network.encode(part), dim=1), images, batch_size
        )
        return both.chunk(2, dim=1)

    def reconstruct(self, images: Tensor) -> Tensor:
        """Return the images ``(N, C, H, W)`` in [-1, 1] of the mean codes, on the CPU."""
        return self.generate(self.encode(images)[0])


def build(config: Config, device: torch.device | str = "cpu") -> VAEState:
    """Return the network and its optimizer at step 0, drawn from the global random generator."""
    network = VAE(config.latent_dim, config.channels, config.size, config.width)
    network = network.to(device, memory_format=memory_format(config.precision))
    optimizer = Adam(network.parameters(), lr=config.learning_rate, fused=True)
    return VAEState(config, network, optimizer)


def step(state: VAEState, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Update encoder and decoder once.

    Args:
        state: network and optimizer; changed in place.
        batch: a tuple whose first tensor is the images ``(N, C, H, W)`` in [-1, 1].

    Returns:
        Detached scalars, means over the images in nats an image: ``loss``, with beta as it is at
        this step; ``reconstruction``; ``kl``, without beta. The last two add up to minus the bound.
    """
    config = state.config
    images = batch[0].to(state.device).contiguous(memory_format=memory_format(config.precision))

    with autocast(state.device, config.precision):
        logits, mean, log_variance = (part.float() for part in state.network(images))
    if config.likelihood == "bernoulli":
        reconstruction = bernoulli_nats(logits, images)
    else:
        reconstruction = gaussian_nats(logits_to_images(logits), images, config.variance)
    kl = kl_to_standard_normal(mean, log_variance)
    loss = negative_elbo(reconstruction, kl, beta_at(config, state.step))
    state.optimizer.zero_grad()
    loss.backward()
    state.optimizer.step()
    return {
        "loss": loss.detach(),
        "reconstruction": reconstruction.detach().mean(),
        "kl": kl.detach().sum(1).mean(),
    }


def beta_at(config: Config, step: int) -> float:
    """Return the weight of the KL term after ``step`` finished steps."""
    if config.warmup_steps == 0:
        return config.beta
    return config.beta * min(1.0, step / config.warmup_steps)
