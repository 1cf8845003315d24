"""pix2pix: translation from one kind of image to another, learned from pairs.

Source: Isola, Zhu, Zhou & Efros (2017), sections 3 and 6. Deviations: jitter is a random shift and
not a resize and crop; the squared error is an alternative to the absolute one; networks as in
``ganbook.models.unet`` and ``patchgan``.
"""

import copy
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss, mse_loss
from torch.optim import Adam, Optimizer

from ganbook.losses.adversarial import discriminator_loss, nonsaturating_generator_loss
from ganbook.models.patchgan import PatchGAN
from ganbook.models.unet import UNet
from ganbook.nn.ema import EMA
from ganbook.nn.freeze import frozen
from ganbook.nn.shift import RandomShift
from ganbook.runtime import autocast, memory_format
from ganbook.training.history import History

RECONSTRUCTIONS = {"l1": l1_loss, "l2": mse_loss}


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with.

    The defaults are the paper's for 256 x 256. Its ablations: ``adversarial=False`` (L1 alone),
    ``reconstruction_weight=0`` (GAN alone), ``skips=False``, ``conditional=False`` (a discriminator
    that sees the output only).
    """

    in_channels: int = 3
    out_channels: int = 3
    size: int = 256
    width: int = 64
    downs: int = 8
    skips: bool = True
    norm: str = "batch"
    dropout: float = 0.5
    adversarial: bool = True
    conditional: bool = True
    discriminator_width: int = 64
    discriminator_layers: int = 3  # 1, 2, 3 judge patches of 16, 34, 70 pixels
    reconstruction: str = "l1"  # or l2
    reconstruction_weight: float = 100.0  # λ
    jitter: int = 0  # pixels by which a pair is shifted, input and target alike
    learning_rate: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999
    ema_half_life: float = 0  # images; 0 for no average
    precision: str = "float32"


@dataclass
class Pix2PixState:
    """The translator, its judge, and what training changes besides; see ``GANState``.

    Without an adversarial loss ``discriminator`` and its optimizer are None.
    """

    config: Config
    generator: nn.Module
    generator_optimizer: Optimizer
    discriminator: nn.Module | None = None
    discriminator_optimizer: Optimizer | None = None
    ema: EMA | None = None
    step: int = 0
    history: History = field(default_factory=History)

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return next(self.generator.parameters()).device

    @torch.no_grad()
    def translate(self, inputs: Tensor, noise: bool = False, batch_size: int = 64) -> Tensor:
        """Return outputs ``(N, out_channels, H, W)`` for inputs ``(N, in_channels, H, W)``.

        The result is on the CPU. The averaged generator is used if there is one, in eval mode: an
        output depends on its own input and on nothing else. The paper does otherwise: there dropout
        stays on when testing, and batch normalisation uses the statistics of the test batch. That
        is ``noise=True``; the outputs then differ from call to call.
        """
        generator = self.generator if self.ema is None else self.ema.module
        generator = copy.deepcopy(generator).train(noise)  # running averages here stay as they are
        parts = inputs.split(batch_size)
        return torch.cat([generator(part.to(self.device)).cpu() for part in parts])

    generate = translate  # the name that the SampleGrid callback calls


def build(config: Config, device: torch.device | str = "cpu") -> Pix2PixState:
    """Return networks and optimizers at step 0, drawn from the global random generator.

    Raises:
        ValueError: an unknown reconstruction; a loss without any term; a size that does not suit
            the networks.
    """
    if config.reconstruction not in RECONSTRUCTIONS:
        accepted = ", ".join(RECONSTRUCTIONS)
        raise ValueError(f"reconstruction is {config.reconstruction!r}; accepted are {accepted}.")
    if config.reconstruction_weight < 0:
        raise ValueError(
            f"reconstruction_weight must not be negative, got {config.reconstruction_weight}."
        )
    if not config.adversarial and config.reconstruction_weight == 0:
        raise ValueError(
            "With adversarial False and reconstruction_weight 0 there is nothing to train on."
        )
    RandomShift(config.jitter)  # tells of a negative one
    layout = memory_format(config.precision)
    options = {"lr": config.learning_rate, "betas": (config.beta1, config.beta2), "fused": True}
    generator = UNet(
        config.in_channels,
        config.out_channels,
        config.width,
        config.downs,
        config.skips,
        config.norm,
        config.dropout,
    )
    discriminator = None
    if config.adversarial:
        seen = config.out_channels + config.in_channels * config.conditional
        discriminator = PatchGAN(
            seen, config.discriminator_width, config.discriminator_layers, config.norm
        )
    _try_out(config, generator, discriminator)
    generator = generator.to(device, memory_format=layout)
    state = Pix2PixState(config, generator, Adam(generator.parameters(), **options))
    if discriminator is not None:
        state.discriminator = discriminator.to(device, memory_format=layout)
        state.discriminator_optimizer = Adam(discriminator.parameters(), **options)
    if config.ema_half_life:
        state.ema = EMA(generator, config.ema_half_life)
    return state


def step(state: Pix2PixState, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    r"""Update the discriminator once (if there is one), then the generator once.

    With input x, target y and :math:`\hat y = G(x)`

    .. math:: L_D = \tfrac12\,\mathbb{E}[-\log D(x, y) - \log(1 - D(x, \hat y))], \qquad
              L_G = \mathbb{E}[-\log D(x, \hat y)] + \lambda\,\mathbb{E}\lVert y - \hat y\rVert_1,

    where the norm is averaged over channels and places, as the authors' code has it.

    Args:
        state: networks and optimizers; changed in place.
        batch: inputs and their targets, each ``(N, C, size, size)`` in [-1, 1].

    Returns:
        Detached scalars: ``reconstruction`` (before λ) and, if there is a discriminator,
        ``d_loss``, ``g_loss`` (the adversarial term) and the mean probabilities ``d_real`` and
        ``d_fake``, before the discriminator's update.

    Raises:
        ValueError: not a pair; unequal numbers of inputs and targets; shapes that the config does
            not have.

    Source: Isola et al. (2017), equations 1 to 4 and section 3.3 for the half.
    """
    config = state.config
    inputs, targets = _moved(*_checked_pair(batch, config), config, state.device)
    metrics: dict[str, Tensor] = {}

    with autocast(state.device, config.precision):
        outputs = state.generator(inputs)
    if state.discriminator is not None:
        with autocast(state.device, config.precision):
            real_logits = _judge(state, inputs, targets)
            fake_logits = _judge(state, inputs, outputs.detach())  # no gradient to the generator
        d_loss = discriminator_loss(real_logits, fake_logits) / 2
        state.discriminator_optimizer.zero_grad()
        d_loss.backward()
        state.discriminator_optimizer.step()
        metrics["d_loss"] = d_loss
        metrics["d_real"] = real_logits.sigmoid().mean()
        metrics["d_fake"] = fake_logits.sigmoid().mean()

    reconstruction = RECONSTRUCTIONS[config.reconstruction](outputs.float(), targets)
    loss = config.reconstruction_weight * reconstruction
    if state.discriminator is None:
        _update_generator(state, loss)
    else:  # the same outputs again, judged by the improved discriminator
        with frozen(state.discriminator):
            with autocast(state.device, config.precision):
                logits = _judge(state, inputs, outputs)
            metrics["g_loss"] = nonsaturating_generator_loss(logits)
            _update_generator(state, loss + metrics["g_loss"])
    if state.ema is not None:
        state.ema.update(state.generator, len(inputs))

    metrics["reconstruction"] = reconstruction
    return {name: value.detach() for name, value in metrics.items()}


def _judge(state: Pix2PixState, inputs: Tensor, images: Tensor) -> Tensor:
    """Return the logits of images beside their inputs (or of images alone), in float32."""
    if state.config.conditional:
        images = torch.cat([inputs, images.to(inputs.dtype)], dim=1)
    return state.discriminator(images).float()


def _update_generator(state: Pix2PixState, loss: Tensor) -> None:
    state.generator_optimizer.zero_grad()
    loss.backward()
    state.generator_optimizer.step()


def _moved(inputs: Tensor, targets: Tensor, config: Config, device) -> tuple[Tensor, ...]:
    """Bring the pair to the device, shift it, and lay it out as the convolutions want it."""
    both = torch.cat([inputs, targets], dim=1).to(device)
    both = RandomShift(config.jitter)(both)  # one shift for an input and its target
    parts = both.split([config.in_channels, config.out_channels], dim=1)
    return tuple(p.contiguous(memory_format=memory_format(config.precision)) for p in parts)


def _checked_pair(batch: tuple[Tensor, ...], config: Config) -> tuple[Tensor, Tensor]:
    if len(batch) != 2:
        raise ValueError(f"pix2pix trains on pairs (input, target), got {len(batch)} tensors.")
    inputs, targets = batch
    if len(inputs) != len(targets):
        raise ValueError(f"There are {len(inputs)} inputs and {len(targets)} targets; pair them.")
    for name, images, channels in (
        ("inputs", inputs, config.in_channels),
        ("targets", targets, config.out_channels),
    ):
        if tuple(images.shape[1:]) != (channels, config.size, config.size):
            raise ValueError(
                f"{name} must have shape (N, {channels}, {config.size}, {config.size}), "
                f"got {tuple(images.shape)}."
            )
    return inputs, targets


@torch.no_grad()
def _try_out(config: Config, generator: nn.Module, discriminator: nn.Module | None) -> None:
    """Pass one empty image: a size that does not fit is told now, not in the first step."""
    was_training = generator.training
    generator.eval()
    shape = (1, config.in_channels, config.size, config.size)
    outputs = generator(torch.zeros(shape))
    generator.train(was_training)
    if discriminator is not None:
        discriminator.eval()
        parts = [torch.zeros(shape), outputs] if config.conditional else [outputs]
        discriminator(torch.cat(parts, dim=1))
        discriminator.train()
