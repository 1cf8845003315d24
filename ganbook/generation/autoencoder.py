"""The plain autoencoder: it copies images through a code, and nothing asks the codes to be drawn.

Source: Hinton & Salakhutdinov (2006), Reducing the dimensionality of data with neural networks.
Deviations: convolutions, trained at once and not layer by layer.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim import Adam

from ganbook.generation.state import CodeState
from ganbook.losses.reconstruction import KINDS, reconstruction_loss
from ganbook.models.vae import Autoencoder, logits_to_images
from ganbook.runtime import autocast, memory_format


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with.

    Raises:
        ValueError: another loss.
    """

    channels: int = 1
    size: int = 32
    latent_dim: int = 16
    width: int = 32
    loss: str = "l2"  # or l1
    learning_rate: float = 1e-3
    precision: str = "float32"

    def __post_init__(self):
        if self.loss not in KINDS:
            raise ValueError(f"loss is {self.loss!r}; accepted are {', '.join(KINDS)}.")


@dataclass
class AutoencoderState(CodeState):
    """The network, its optimizer and the counters.

    ``sample`` decodes standard normal codes, which this network was never trained on: the holes
    that it shows are the reason for the variational autoencoder.
    """

    def encode(self, images: Tensor, batch_size: int = 256) -> Tensor:
        """Return codes ``(N, latent_dim)`` of images in [-1, 1], on the CPU."""
        return self.in_parts(self.network.encode, images, batch_size)

    def reconstruct(self, images: Tensor) -> Tensor:
        """Return each image copied through its code, ``(N, C, H, W)`` in [-1, 1], on the CPU."""
        return self.generate(self.encode(images))


def build(config: Config, device: torch.device | str = "cpu") -> AutoencoderState:
    """Return the network and its optimizer at step 0, drawn from the global random generator."""
    network = Autoencoder(config.latent_dim, config.channels, config.size, config.width)
    network = network.to(device, memory_format=memory_format(config.precision))
    optimizer = Adam(network.parameters(), lr=config.learning_rate, fused=True)
    return AutoencoderState(config, network, optimizer)


def step(state: AutoencoderState, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Update encoder and decoder once.

    Args:
        state: network and optimizer; changed in place.
        batch: a tuple whose first tensor is the images ``(N, C, H, W)`` in [-1, 1].

    Returns:
        A detached scalar: ``loss``, a mean over pixels and images.
    """
    config = state.config
    images = batch[0].to(state.device).contiguous(memory_format=memory_format(config.precision))
    with autocast(state.device, config.precision):
        logits = state.network(images).float()
    loss = reconstruction_loss(logits_to_images(logits), images, config.loss)
    state.optimizer.zero_grad()
    loss.backward()
    state.optimizer.step()
    return {"loss": loss.detach()}
