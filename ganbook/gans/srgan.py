"""SRGAN: super-resolution whose answers a discriminator cannot tell from photographs.

Source: Ledig et al. (2017), sections 2.1.1 and 2.2. Deviations: the content loss is the squared
error of pixels, a distance of VGG features, or a sum of both, where the paper takes one; features
are compared as everywhere here, each layer divided by its target's mean square, and VGG-16's by
default; the discriminator judges patches; widths are free. With ``adversarial_weight=0`` it is
SRResNet, trained alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from ganbook.data.resolution import shrink
from ganbook.gans.vanilla import assemble
from ganbook.losses.adversarial import discriminator_loss, nonsaturating_generator_loss
from ganbook.models.patchgan import PatchGAN, receptive_field
from ganbook.models.srresnet import SRResNet
from ganbook.models.vgg import VGG
from ganbook.nn.eval_mode import eval_mode
from ganbook.nn.freeze import frozen
from ganbook.nn.shift import RandomShift
from ganbook.runtime import autocast, memory_format
from ganbook.style.gatys import describe
from ganbook.style.losses import content_loss
from ganbook.training.schedules import linear_decay, set_learning_rate
from ganbook.training.state import GANState

PARTS = ("pixel", "perceptual", "adversarial")


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with."""

    channels: int = 3
    factor: int = 4
    size: int = 96  # of the large pictures trained on
    width: int = 64
    blocks: int = 16
    discriminator_width: int = 64
    discriminator_layers: int = 3
    norm: str = "instance"  # of the discriminator
    shift: int = 0  # pixels by which the discriminator sees pictures moved
    pixel_weight: float = 1.0
    perceptual_weight: float = 0.0
    perceptual_layers: tuple[str, ...] = ("relu2_2",)
    adversarial_weight: float = 1e-3  # 0 trains the generator alone
    learning_rate: float = 1e-4
    steps: int = 0  # of the whole run: in its second half the rate falls to 0; 0 keeps the rate
    beta1: float = 0.9
    beta2: float = 0.999
    ema_half_life: float = 0  # images; 0 for no average
    precision: str = "float32"


@dataclass
class SuperResolutionState(GANState):
    """A :class:`GANState` whose generator enlarges images.

    ``describe`` maps images to a frozen VGG's features. Checkpoints leave it out: :func:`build` is
    given it again.
    """

    describe: Callable[..., dict[str, Tensor]] | None = None

    @torch.no_grad()
    def enlarge(self, small: Tensor, batch_size: int = 64) -> Tensor:
        """Return the sampler's answers to ``(N, C, H, W)`` in [-1, 1], on the CPU, in [-1, 1].

        Args:
            small: in [-1, 1].
            batch_size: images enlarged at once.
        """
        sampler = self.sampler
        with eval_mode(sampler):
            parts = [sampler(part.to(self.device)) for part in small.split(batch_size)]
        return torch.cat([part.float().cpu() for part in parts])


def build(
    config: Config, device: torch.device | str = "cpu", describer: VGG | None = None
) -> SuperResolutionState:
    """Return networks and optimizers at step 0, drawn from the global random generator.

    Args:
        config: of the run.
        device: where everything goes.
        describer: a frozen VGG, of ``load_vgg16``; needed unless ``perceptual_weight`` is 0.

    Raises:
        ValueError: a weight is negative, or all are 0; ``size`` is no multiple of the factor or
            smaller than one of the discriminator's patches; no describer, or an unknown layer.
    """
    weights = {part: getattr(config, f"{part}_weight") for part in PARTS}
    if not min(weights.values()) >= 0 or not any(weights.values()):
        listed = ", ".join(f"{part}_weight {weight}" for part, weight in weights.items())
        raise ValueError(f"No weight may be negative, and one must be above 0; got {listed}.")
    generator = SRResNet(config.channels, config.width, config.blocks, config.factor)
    patch = receptive_field(config.discriminator_layers)
    if config.size % config.factor or (config.adversarial_weight and config.size < patch):
        raise ValueError(
            f"size is {config.size}; it must be a multiple of {config.factor} (factor) and at "
            f"least {patch} (discriminator_layers is {config.discriminator_layers})."
        )
    patches = PatchGAN(
        config.channels, config.discriminator_width, config.discriminator_layers, config.norm
    )
    # Unmoved, the stride of its convolutions meets the generator's grid always alike: an invitation
    # to a pattern of that period.
    discriminator = nn.Sequential(RandomShift(config.shift), patches)
    state = SuperResolutionState(**vars(assemble(config, generator, discriminator, device)))
    if config.perceptual_weight:
        if describer is None:
            raise ValueError("A perceptual_weight above 0 needs a describer: give load_vgg16(...).")
        describer.check_layers(config.perceptual_layers)
        network = describer.to(device)
        layers, precision = config.perceptual_layers, config.precision
        state.describe = partial(describe, network, layers=layers, precision=precision, check=False)
    return state


def step(state: SuperResolutionState, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Update the discriminator once, then the generator once.

    Args:
        state: networks and optimizers; changed in place.
        batch: a tuple whose first tensor is photographs ``(N, C, size, size)`` in [-1, 1]; the
            small pictures are made of them.

    Returns:
        Detached scalars: ``g_loss`` (the weighted sum), of the parts in use ``pixel`` (squared
        error) and ``perceptual`` without their weights, and, unless ``adversarial_weight`` is 0,
        ``d_loss`` (half of the vanilla GAN's) and the mean probabilities ``d_real`` and ``d_fake``
        over all patches, as the discriminator sees them before its update.

    Raises:
        ValueError: photographs of another shape than the config says.
    """
    config = state.config
    wanted = (len(batch[0]), config.channels, config.size, config.size)
    if tuple(batch[0].shape) != wanted:
        raise ValueError(f"photographs must have shape {wanted}, got {tuple(batch[0].shape)}.")
    real = batch[0].to(state.device).contiguous(memory_format=memory_format(config.precision))
    if config.steps:
        rate = config.learning_rate * linear_decay(state.step, config.steps, config.steps // 2)
        set_learning_rate(state.generator_optimizer, rate)
        set_learning_rate(state.discriminator_optimizer, rate)
    with autocast(state.device, config.precision):
        fake = state.generator(shrink(real, config.factor))
    metrics = {}

    if config.adversarial_weight:
        with autocast(state.device, config.precision):
            real_logits = state.discriminator(real).float()
            fake_logits = state.discriminator(fake.detach()).float()
        d_loss = 0.5 * discriminator_loss(real_logits, fake_logits)
        state.discriminator_optimizer.zero_grad()
        d_loss.backward()
        state.discriminator_optimizer.step()
        metrics["d_loss"] = d_loss
        metrics["d_real"] = real_logits.sigmoid().mean()
        metrics["d_fake"] = fake_logits.sigmoid().mean()

    with frozen(state.discriminator):
        g_loss = torch.zeros((), device=state.device)
        if config.pixel_weight:
            metrics["pixel"] = mse_loss(fake.float(), real)
            g_loss = g_loss + config.pixel_weight * metrics["pixel"]
        if config.perceptual_weight:
            with torch.no_grad():
                targets = state.describe(real)
            metrics["perceptual"] = content_loss(state.describe(fake), targets)
            g_loss = g_loss + config.perceptual_weight * metrics["perceptual"]
        if config.adversarial_weight:
            with autocast(state.device, config.precision):
                logits = state.discriminator(fake).float()
            g_loss = g_loss + config.adversarial_weight * nonsaturating_generator_loss(logits)
        state.generator_optimizer.zero_grad()
        g_loss.backward()
    state.generator_optimizer.step()
    if state.ema is not None:
        state.ema.update(state.generator, len(real))
    metrics["g_loss"] = g_loss
    return {name: value.detach() for name, value in metrics.items()}
