"""Stable training: one GAN whose loss, Lipschitz control, noise and rates are all settings.

With the defaults its step is the vanilla GAN's. What can be set, and the papers' settings, stand in
``ganbook.gans.stable_settings``; all of it can be imported from here.

Source: Goodfellow et al. (2014), algorithm 1, with k = ``n_critic``. For the rest see the presets.
"""

import math

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from ganbook.gans.stable_settings import Config, lsgan, sngan, wgan_clip, wgan_gp
from ganbook.gans.vanilla import assemble
from ganbook.losses.adversarial import AdversarialLoss, discriminator_loss
from ganbook.losses.gradient_penalty import gradient_penalty, r1_penalty
from ganbook.models.dcgan import DCGANDiscriminator, DCGANGenerator
from ganbook.models.mlp import MLPDiscriminator, MLPGenerator
from ganbook.nn.clip import clip_weights
from ganbook.nn.freeze import frozen
from ganbook.nn.spectral_norm import add_spectral_norm
from ganbook.runtime import autocast, memory_format
from ganbook.training.schedules import cosine_decay, linear_decay, set_learning_rate, step_decay
from ganbook.training.state import GANState

__all__ = [
    "AdversarialLoss",
    "Config",
    "build",
    "lsgan",
    "noise_level",
    "set_learning_rates",
    "sngan",
    "step",
    "wgan_clip",
    "wgan_gp",
]


def build(config: Config, device: torch.device | str = "cpu") -> GANState:
    """Return networks and optimizers at step 0, drawn from the global random generator.

    Raises:
        ValueError: an image size that is no power of two of at least 16.
    """
    if len(config.sample_shape) == 1:
        generator = MLPGenerator(config.latent_dim, config.sample_shape, config.width)
        discriminator = MLPDiscriminator(config.sample_shape, config.width)
    else:
        channels, size, _ = config.sample_shape
        generator = DCGANGenerator(config.latent_dim, channels, size, config.width)
        discriminator = DCGANDiscriminator(channels, size, config.width, config.shift, config.norm)
    if config.spectral_norm:
        add_spectral_norm(discriminator)
    return assemble(config, generator, discriminator, device)


def step(state: GANState, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Update the discriminator ``n_critic`` times, then the generator once.

    Args:
        state: networks and optimizers; changed in place.
        batch: a tuple whose first tensor is the real samples ``(n_critic * N, *sample_shape)``; it
            is cut into ``n_critic`` parts, one for each of the discriminator's updates.

    Returns:
        Detached scalars, of the last of the discriminator's updates and of the generator's:
        ``d_loss`` (without the penalty) and ``g_loss``; ``real_logit`` and ``fake_logit``, the mean
        scores before the update; ``penalty``, with its weight; ``d_grad`` and ``g_grad``, the L2
        norms of the gradients before any clipping. Where the loss has probabilities also ``d_real``
        and ``d_fake``, their means. With the Wasserstein loss minus ``d_loss`` is the critic's
        estimate of the distance.

    Raises:
        ValueError: the batch cannot be cut into ``n_critic`` equal parts.
    """
    config, judge = state.config, state.discriminator
    real = batch[0].to(state.device)
    if real.ndim == 4:
        real = real.contiguous(memory_format=memory_format(config.precision))
    if len(real) % config.n_critic:
        raise ValueError(
            f"A batch must hold n_critic = {config.n_critic} equal parts, got {len(real)} samples."
        )
    set_learning_rates(state)
    noise, largest = noise_level(config, state.step), config.gradient_clip or math.inf

    for part in real.chunk(config.n_critic):
        with autocast(state.device, config.precision):
            fake = state.generator(state.latents(len(part)))
            seen_real, seen_fake = _noisy(part, noise), _noisy(fake.detach(), noise)
            real_logits, fake_logits = judge(seen_real).float(), judge(seen_fake).float()
        if config.label_smoothing:
            d_loss = discriminator_loss(real_logits, fake_logits, config.label_smoothing)
        else:
            d_loss = config.loss.discriminator(real_logits, fake_logits)
        penalty = _penalty(config, judge, seen_real, seen_fake)
        state.discriminator_optimizer.zero_grad()
        (d_loss if penalty is None else d_loss + penalty).backward()
        d_grad = clip_grad_norm_(judge.parameters(), largest)
        state.discriminator_optimizer.step()
        if config.weight_clip:
            clip_weights(judge, config.weight_clip)

    # The last fakes again, judged by the improved discriminator; now a gradient flows through them.
    with frozen(judge):
        with autocast(state.device, config.precision):
            logits = judge(_noisy(fake, noise)).float()
        g_loss = config.loss.generator(logits)
        state.generator_optimizer.zero_grad()
        g_loss.backward()
    g_grad = clip_grad_norm_(state.generator.parameters(), largest)
    state.generator_optimizer.step()
    if state.ema is not None:
        state.ema.update(state.generator, len(fake))

    metrics = {
        "d_loss": d_loss,
        "g_loss": g_loss,
        "real_logit": real_logits.mean(),
        "fake_logit": fake_logits.mean(),
        "penalty": d_loss.new_zeros(()) if penalty is None else penalty,
        "d_grad": d_grad,
        "g_grad": g_grad,
    }
    if config.loss.has_probabilities:
        metrics["d_real"] = real_logits.detach().sigmoid().mean()
        metrics["d_fake"] = fake_logits.detach().sigmoid().mean()
    return {name: value.detach() for name, value in metrics.items()}


def set_learning_rates(state: GANState) -> None:
    """Give both optimizers the rates of this step; they depend on the config and step alone."""
    config, total = state.config, state.config.schedule_steps
    factor = 1.0
    if config.schedule == "step":
        factor = step_decay(state.step, max(1, math.ceil(total / 4)), 0.5)
    elif config.schedule == "cosine":
        factor = cosine_decay(state.step, total)
    elif config.schedule == "linear":
        factor = linear_decay(state.step, total, total // 2)
    own = config.discriminator_learning_rate
    set_learning_rate(state.generator_optimizer, factor * config.learning_rate)
    set_learning_rate(
        state.discriminator_optimizer, factor * (config.learning_rate if own is None else own)
    )


def noise_level(config: Config, step: int) -> float:
    """Return the standard deviation of the instance noise after ``step`` finished steps."""
    if config.instance_noise_steps == 0:
        return config.instance_noise
    return config.instance_noise * max(0.0, 1 - step / config.instance_noise_steps)


def _noisy(samples: Tensor, std: float) -> Tensor:
    return samples + std * torch.randn_like(samples) if std else samples


def _penalty(config: Config, judge: torch.nn.Module, real: Tensor, fake: Tensor) -> Tensor | None:
    if config.penalty == "gradient":
        return config.penalty_weight * gradient_penalty(judge, real, fake)
    if config.penalty == "r1":
        return config.penalty_weight * r1_penalty(judge, real)
    return None
