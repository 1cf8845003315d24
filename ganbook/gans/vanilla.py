"""The original GAN, with fully connected networks.

Source: Goodfellow et al. (2014), algorithm 1 with k = 1. Deviations: Adam instead of momentum, and
the non-saturating generator loss unless ``saturating`` asks for the minimax one.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim import Adam

from ganbook.losses.adversarial import (
    discriminator_loss,
    minimax_generator_loss,
    nonsaturating_generator_loss,
)
from ganbook.models.mlp import MLPDiscriminator, MLPGenerator
from ganbook.nn.ema import EMA
from ganbook.nn.freeze import frozen
from ganbook.runtime import autocast, memory_format
from ganbook.training.state import GANState


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with."""

    sample_shape: tuple[int, ...] = (1, 32, 32)  # (2,) for points in the plane
    latent_dim: int = 64
    hidden: int = 256
    learning_rate: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999
    label_smoothing: float = 0.0
    saturating: bool = False
    ema_half_life: float = 0  # images; 0 for no average
    precision: str = "float32"


def build(config: Config, device: torch.device | str = "cpu") -> GANState:
    """Return networks and optimizers at step 0, drawn from the global random generator."""
    generator = MLPGenerator(config.latent_dim, config.sample_shape, config.hidden)
    discriminator = MLPDiscriminator(config.sample_shape, config.hidden)
    return assemble(config, generator, discriminator, device)


def assemble(config, generator, discriminator, device: torch.device | str) -> GANState:
    """Move both networks to the device and give each its Adam, and the generator its average."""
    layout = memory_format(config.precision)
    generator = generator.to(device, memory_format=layout)
    discriminator = discriminator.to(device, memory_format=layout)
    options = {"lr": config.learning_rate, "betas": (config.beta1, config.beta2), "fused": True}
    return GANState(
        config=config,
        generator=generator,
        discriminator=discriminator,
        generator_optimizer=Adam(generator.parameters(), **options),
        discriminator_optimizer=Adam(discriminator.parameters(), **options),
        ema=EMA(generator, config.ema_half_life) if config.ema_half_life else None,
    )


def step(state: GANState, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Update the discriminator once, then the generator once.

    Args:
        state: networks and optimizers; changed in place.
        batch: a tuple whose first tensor is the real samples ``(N, *sample_shape)``.

    Returns:
        Detached scalars: ``d_loss``, ``g_loss`` and the mean probabilities ``d_real`` = D(x) and
        ``d_fake`` = D(G(z)), both as the discriminator sees them before its update.
    """
    config = state.config
    layout = memory_format(config.precision)
    real = batch[0].to(state.device)
    if real.ndim == 4:
        real = real.contiguous(memory_format=layout)

    with autocast(state.device, config.precision):
        fake = state.generator(state.latents(len(real)))
        real_logits = state.discriminator(real).float()
        fake_logits = state.discriminator(fake.detach()).float()  # no gradient to the generator
    d_loss = discriminator_loss(real_logits, fake_logits, config.label_smoothing)
    state.discriminator_optimizer.zero_grad()
    d_loss.backward()
    state.discriminator_optimizer.step()

    # The same fakes again, judged by the improved discriminator; now a gradient flows through them.
    generator_loss = minimax_generator_loss if config.saturating else nonsaturating_generator_loss
    with frozen(state.discriminator):
        with autocast(state.device, config.precision):
            logits = state.discriminator(fake).float()
        g_loss = generator_loss(logits)
        state.generator_optimizer.zero_grad()
        g_loss.backward()
    state.generator_optimizer.step()
    if state.ema is not None:
        state.ema.update(state.generator, len(real))

    return {
        "d_loss": d_loss.detach(),
        "g_loss": g_loss.detach(),
        "d_real": real_logits.detach().sigmoid().mean(),
        "d_fake": fake_logits.detach().sigmoid().mean(),
    }
