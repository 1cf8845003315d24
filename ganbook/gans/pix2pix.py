"""pix2pix: translation learnt from pairs, by a conditional GAN whose condition is an image.

Source: Isola, Zhu, Zhou & Efros (2017), sections 3 and 6.2. Deviations: the networks' widths are
free; translation is deterministic unless dropout is asked for (the paper keeps it on, and takes the
batch's statistics); jitter is a shift, without the paper's resizing; a falling rate is that of the
authors' later code; shifts of the discriminator's view alone are an option neither has.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganbook.gans.vanilla import assemble
from ganbook.losses.adversarial import discriminator_loss, nonsaturating_generator_loss
from ganbook.losses.reconstruction import reconstruction_loss
from ganbook.models.patchgan import PatchGAN, receptive_field
from ganbook.models.unet import UNet
from ganbook.nn.eval_mode import eval_mode
from ganbook.nn.freeze import frozen
from ganbook.nn.shift import RandomShift
from ganbook.runtime import autocast, memory_format
from ganbook.training.schedules import linear_decay, set_learning_rate
from ganbook.training.state import GANState


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with."""

    in_channels: int = 3
    out_channels: int = 3
    size: int = 256
    width: int = 64
    downs: int = 8
    skips: bool = True
    norm: str = "batch"
    dropout: float = 0.5
    discriminator_width: int = 64
    discriminator_layers: int = 3
    adversarial_weight: float = 1.0  # 0 trains the generator alone
    reconstruction: str = "l1"  # l1 | l2
    reconstruction_weight: float = 100.0  # λ; 0 for the GAN alone
    learning_rate: float = 2e-4
    steps: int = 0  # of the whole run: in its second half the rate falls to 0; 0 keeps the rate
    beta1: float = 0.5
    beta2: float = 0.999
    ema_half_life: float = 0  # images; 0 for no average
    jitter: int = 0  # pixels by which a pair is moved, input and target alike, before the step
    shift: int = 0  # pixels by which the discriminator alone sees pairs moved
    precision: str = "float32"


class PairDiscriminator(nn.Module):
    """Judge whether an output belongs to its input: a PatchGAN of both, joined along the channels.

    Maps inputs ``(N, in_channels, H, W)`` and images ``(N, out_channels, H, W)`` to logits
    ``(N, 1, H', W')``, one a patch. Input and image are shifted alike.
    """

    def __init__(self, channels: int, width: int, layers: int, norm: str, shift: int = 0):
        super().__init__()
        self.shift = RandomShift(shift)
        self.patches = PatchGAN(channels, width, layers, norm)

    def forward(self, inputs: Tensor, images: Tensor) -> Tensor:
        """Return the logits of each pair's patches."""
        return self.patches(self.shift(torch.cat([inputs, images], dim=1)))


class TranslationState(GANState):
    """A :class:`GANState` whose generator maps images to images."""

    @torch.no_grad()
    def translate(self, inputs: Tensor, dropout: bool = False, batch_size: int = 64) -> Tensor:
        """Return the sampler's translations of inputs ``(N, in_channels, H, W)``, on the CPU.

        Args:
            inputs: in [-1, 1].
            dropout: keep dropout on, so that each call gives another translation, as the paper
                does. Normalisation uses its stored averages in any case.
            batch_size: images translated at once.
        """
        sampler = self.sampler
        parts = inputs.split(batch_size)
        with eval_mode(sampler):
            for layer in sampler.modules():
                if isinstance(layer, nn.Dropout):
                    layer.train(dropout)
            return torch.cat([sampler(part.to(self.device)).float().cpu() for part in parts])


def build(config: Config, device: torch.device | str = "cpu") -> TranslationState:
    """Return networks and optimizers at step 0, drawn from the global random generator.

    Raises:
        ValueError: a weight is negative, both are 0, or the networks do not fit the images' size:
            it must be a multiple of ``2 ** downs`` and hold one of the discriminator's patches.
    """
    adversarial, reconstruction = config.adversarial_weight, config.reconstruction_weight
    if min(adversarial, reconstruction) < 0 or adversarial == reconstruction == 0:
        raise ValueError(
            "adversarial_weight and reconstruction_weight must not be negative, and one of them "
            f"must be above 0; got {adversarial} and {reconstruction}."
        )
    patch = receptive_field(config.discriminator_layers)
    if config.size % 2**config.downs or (adversarial and config.size < patch):
        raise ValueError(
            f"size is {config.size}; it must be a multiple of {2**config.downs} (downs is "
            f"{config.downs}) and at least {patch} (discriminator_layers is "
            f"{config.discriminator_layers})."
        )
    RandomShift(config.jitter)  # refuses a negative one
    generator = UNet(
        config.in_channels,
        config.out_channels,
        config.width,
        config.downs,
        config.norm,
        config.dropout,
        config.skips,
    )
    discriminator = PairDiscriminator(
        config.in_channels + config.out_channels,
        config.discriminator_width,
        config.discriminator_layers,
        config.norm,
        config.shift,
    )
    return TranslationState(**vars(assemble(config, generator, discriminator, device)))


def step(state: TranslationState, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    """Update the discriminator once, then the generator once.

    Args:
        state: networks and optimizers; changed in place.
        batch: inputs ``(N, in_channels, H, W)`` and their targets ``(N, out_channels, H, W)``, both
            in [-1, 1].

    Returns:
        Detached scalars: ``reconstruction`` (without its weight), ``g_loss`` (the weighted sum)
        and, unless ``adversarial_weight`` is 0, ``d_loss`` (half of the vanilla GAN's) and the
        mean probabilities ``d_real`` and ``d_fake`` over all patches, as the discriminator sees
        them before its update.

    Raises:
        ValueError: inputs and targets that are no pairs, or of another shape than the config says.
    """
    config = state.config
    layout = memory_format(config.precision)
    _check_pairs(batch, config)
    both = torch.cat(batch, dim=1).to(state.device)
    pair = RandomShift(config.jitter)(both).split([config.in_channels, config.out_channels], dim=1)
    inputs, targets = (images.contiguous(memory_format=layout) for images in pair)
    with autocast(state.device, config.precision):
        fakes = state.generator(inputs)
    metrics = {}
    if config.steps:
        rate = config.learning_rate * linear_decay(state.step, config.steps, config.steps // 2)
        set_learning_rate(state.generator_optimizer, rate)
        set_learning_rate(state.discriminator_optimizer, rate)

    if config.adversarial_weight:
        with autocast(state.device, config.precision):
            real_logits = state.discriminator(inputs, targets).float()
            fake_logits = state.discriminator(inputs, fakes.detach()).float()
        # Halved, as in the paper; to Adam a constant factor makes almost no difference.
        d_loss = 0.5 * discriminator_loss(real_logits, fake_logits)
        state.discriminator_optimizer.zero_grad()
        d_loss.backward()
        state.discriminator_optimizer.step()
        metrics["d_loss"] = d_loss
        metrics["d_real"] = real_logits.sigmoid().mean()
        metrics["d_fake"] = fake_logits.sigmoid().mean()

    with frozen(state.discriminator):
        reconstruction = reconstruction_loss(fakes.float(), targets, config.reconstruction)
        g_loss = config.reconstruction_weight * reconstruction
        if config.adversarial_weight:
            with autocast(state.device, config.precision):
                logits = state.discriminator(inputs, fakes).float()
            g_loss = g_loss + config.adversarial_weight * nonsaturating_generator_loss(logits)
        state.generator_optimizer.zero_grad()
        g_loss.backward()
    state.generator_optimizer.step()
    if state.ema is not None:
        state.ema.update(state.generator, len(inputs))
    metrics |= {"reconstruction": reconstruction, "g_loss": g_loss}
    return {name: value.detach() for name, value in metrics.items()}


def _check_pairs(batch: tuple[Tensor, Tensor], config: Config) -> None:
    inputs, targets = batch
    for name, images, channels in (
        ("inputs", inputs, config.in_channels),
        ("targets", targets, config.out_channels),
    ):
        wanted = (len(inputs), channels, config.size, config.size)
        if tuple(images.shape) != wanted:
            raise ValueError(f"{name} must have shape {wanted}, got {tuple(images.shape)}.")
