"""DCGAN: convolutional networks in the same game.

Only the networks and the defaults change, so the step is the vanilla GAN's.

Source: Radford, Metz & Chintala (2016). Deviations: see ``ganbook.models.dcgan``; one-sided label
smoothing, the average of the generator and the random shifts are options the paper does not have.
"""

from dataclasses import dataclass

import torch

from ganbook.gans.vanilla import assemble, step
from ganbook.models.dcgan import DCGANDiscriminator, DCGANGenerator
from ganbook.training.state import GANState

__all__ = ["Config", "build", "step"]


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with."""

    channels: int = 3
    size: int = 64
    latent_dim: int = 100
    width: int = 64
    learning_rate: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999
    label_smoothing: float = 0.0
    saturating: bool = False
    ema_half_life: float = 0  # images; 0 for no average
    shift: int = 0  # pixels by which the discriminator sees images moved; for small data sets
    precision: str = "float32"


def build(config: Config, device: torch.device | str = "cpu") -> GANState:
    """Return networks and optimizers at step 0, drawn from the global random generator."""
    generator = DCGANGenerator(config.latent_dim, config.channels, config.size, config.width)
    discriminator = DCGANDiscriminator(config.channels, config.size, config.width, config.shift)
    return assemble(config, generator, discriminator, device)
