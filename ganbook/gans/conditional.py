"""Conditional GAN: the generator is told what to draw, the discriminator what it should see.

The label reaches the generator as an embedding beside the latent; for the discriminator there are
three ways, see ``ganbook.models.conditional``. Fakes are drawn for the labels of the real batch, so
real and generated pairs have the same labels.

Source: Mirza & Osindero (2014); Miyato & Koyama (2018); Odena, Olah & Shlens (2017). Deviations:
all three share DCGAN's networks and the non-saturating loss.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ganbook.gans.vanilla import assemble
from ganbook.losses.adversarial import discriminator_loss, nonsaturating_generator_loss
from ganbook.losses.auxiliary import label_loss
from ganbook.models.conditional import (
    AuxiliaryDiscriminator,
    ConcatDiscriminator,
    ConditionalGenerator,
    ProjectionDiscriminator,
    check_labels,
)
from ganbook.nn.eval_mode import eval_mode
from ganbook.nn.freeze import frozen
from ganbook.runtime import autocast, memory_format
from ganbook.training.state import GANState

DISCRIMINATORS = {
    "concat": ConcatDiscriminator,
    "projection": ProjectionDiscriminator,
    "auxiliary": AuxiliaryDiscriminator,
}


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with."""

    classes: tuple[int, ...] = (10,)  # how many of each attribute
    discriminator: str = "projection"  # concat | projection | auxiliary
    channels: int = 1
    size: int = 32
    latent_dim: int = 100
    embedding_dim: int = 32  # for each attribute, beside the latent
    embedding_scale: float = 0.1  # at the start; as large as the latent's 1, and z is ignored
    width: int = 32
    learning_rate: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999
    label_smoothing: float = 0.0  # of real and fake, not of the classes
    auxiliary_weight: float = 1.0  # of the class losses; only where the discriminator classifies
    classify_fakes: bool = True  # as in the paper; False trains the classifier on real images alone
    ema_half_life: float = 0  # images; 0 for no average
    shift: int = 0  # pixels by which the discriminator sees images moved; for small data sets
    precision: str = "float32"


class ConditionalState(GANState):
    """A :class:`GANState` whose samples are drawn for labels ``(N, A)``, or ``(N,)`` of one."""

    def generate(self, z: Tensor, labels: Tensor, batch_size: int = 256) -> Tensor:
        """Return the sampler's images of latents ``(N, latent_dim)`` for labels, on the CPU.

        Raises:
            TypeError, ValueError: labels of another type, shape or range, or not one a latent.
        """
        labels = check_labels(labels.cpu(), self.config.classes)
        if len(labels) != len(z):
            raise ValueError(f"Each latent needs labels; got {len(z)} and {len(labels)}.")
        return self.draw(z, self.embed(labels), batch_size)

    @torch.no_grad()
    def embed(self, labels: Tensor) -> Tensor:
        """Return the generator's embeddings ``(N, A * embedding_dim)`` of labels, on the CPU."""
        labels = check_labels(labels.cpu(), self.config.classes)
        return self.sampler.embed(labels.to(self.device)).cpu()

    @torch.no_grad()
    def draw(self, z: Tensor, embedding: Tensor, batch_size: int = 256) -> Tensor:
        """Return images of latents for embeddings, also such that belong to no label."""
        sampler, device = self.sampler, self.device
        parts = zip(z.split(batch_size), embedding.split(batch_size))
        with eval_mode(sampler):
            return torch.cat([sampler.draw(a.to(device), b.to(device)).cpu() for a, b in parts])

    def sample(self, labels: Tensor, seed: int = 0) -> Tensor:
        """Return one image a label, on the CPU; the same seed gives the same latents."""
        z = self.latents(len(labels), torch.Generator().manual_seed(seed))
        return self.generate(z, labels)


def build(config: Config, device: torch.device | str = "cpu") -> ConditionalState:
    """Return networks and optimizers at step 0, drawn from the global random generator.

    Raises:
        ValueError: ``config.discriminator`` is another name.
    """
    if config.discriminator not in DISCRIMINATORS:
        accepted = ", ".join(DISCRIMINATORS)
        raise ValueError(f"discriminator is {config.discriminator!r}; accepted are {accepted}.")
    sizes = (config.channels, config.size, config.width)
    generator = ConditionalGenerator(
        config.classes, config.latent_dim, *sizes, config.embedding_dim, config.embedding_scale
    )
    discriminator = DISCRIMINATORS[config.discriminator](config.classes, *sizes, config.shift)
    return ConditionalState(**vars(assemble(config, generator, discriminator, device)))


def step(state: ConditionalState, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    """Update the discriminator once, then the generator once.

    Args:
        state: networks and optimizers; changed in place.
        batch: real images ``(N, C, H, W)`` and their labels ``(N, A)``, or ``(N,)`` of one
            attribute; the labels should be on the CPU, where checking them costs nothing.

    Returns:
        Detached scalars, as of the vanilla GAN's step: ``d_loss`` and ``g_loss`` (with the
        classifier's part, where there is one), ``d_real`` and ``d_fake``.

    Raises:
        TypeError, ValueError: labels of another type, shape or range.
    """
    config = state.config
    real = batch[0].to(state.device).contiguous(memory_format=memory_format(config.precision))
    labels = check_labels(batch[1], config.classes).to(state.device)

    with autocast(state.device, config.precision):
        fake = state.generator(state.latents(len(real)), labels)
        real_logits, real_classes = state.discriminator(real, labels)
        fake_logits, fake_classes = state.discriminator(fake.detach(), labels)
    real_logits, fake_logits = real_logits.float(), fake_logits.float()
    d_loss = discriminator_loss(real_logits, fake_logits, config.label_smoothing)
    class_loss = label_loss(real_classes, labels)
    if config.classify_fakes:
        class_loss = class_loss + label_loss(fake_classes, labels)
    d_loss = d_loss + config.auxiliary_weight * class_loss
    state.discriminator_optimizer.zero_grad()
    d_loss.backward()
    state.discriminator_optimizer.step()

    with frozen(state.discriminator):
        with autocast(state.device, config.precision):
            logits, classes = state.discriminator(fake, labels)
        g_loss = nonsaturating_generator_loss(logits.float())
        g_loss = g_loss + config.auxiliary_weight * label_loss(classes, labels)
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
