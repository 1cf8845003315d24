r"""A diffusion model: learn to predict the noise in a sample, then remove noise step by step.

.. math:: L = \mathbb{E}_{x, t, \varepsilon}\,\big[(\varepsilon -
          \varepsilon_\theta(\sqrt{\bar\alpha_t}\,x + \sqrt{1 - \bar\alpha_t}\,\varepsilon,\ t))^2
          \big]

Source: Ho, Jain & Abbeel (2020), Denoising diffusion probabilistic models, algorithms 1 and 2,
equation 14; sampling in fewer steps: Song, Meng & Ermon (2021). Deviation: a mean over pixels.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss
from torch.optim import Adam

from ganbook.generation.noise_schedule import add_noise, noise_schedule, remove_noise
from ganbook.models.denoiser import ConvDenoiser, MLPDenoiser
from ganbook.nn.ema import EMA
from ganbook.nn.eval_mode import eval_mode
from ganbook.runtime import autocast, memory_format
from ganbook.training.history import History

TARGETS = ("noise", "sample", "velocity")


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with.

    Raises:
        ValueError: another target.
    """

    sample_shape: tuple[int, ...] = (2,)  # (C, H, W) for images in [-1, 1]
    timesteps: int = 200
    target: str = "noise"  # what the network predicts; or sample, or velocity
    schedule: str = "linear"  # or cosine, for images: few steps of it need the clipped range
    width: int = 128
    patch: int = 1  # for images: see ConvDenoiser
    learning_rate: float = 1e-3
    ema_half_life: float = 0  # samples; 0 for no average
    clip: float | None = None  # the data lies in [-clip, clip]; None: 1 for images, else unknown
    precision: str = "float32"

    def __post_init__(self):
        if self.target not in TARGETS:
            raise ValueError(f"target is {self.target!r}; accepted are {', '.join(TARGETS)}.")

    @property
    def bound(self) -> float | None:
        """What the estimates of clean samples are cut to, or None."""
        return 1.0 if self.clip is None and len(self.sample_shape) == 3 else self.clip


@dataclass
class DiffusionState:
    """The denoiser, its optimizer and average, and the counters."""

    config: Config
    network: nn.Module
    optimizer: Adam
    signal: Tensor  # (timesteps,), on the CPU
    ema: EMA | None = None
    step: int = 0
    history: History = field(default_factory=History)

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters()).device

    @property
    def sampler(self) -> nn.Module:
        """The denoiser to sample with: the averaged one if there is one."""
        return self.network if self.ema is None else self.ema.module

    @torch.no_grad()
    def generate(
        self,
        noise: Tensor,
        steps: int | None = None,
        eta: float = 0.0,
        generator: torch.Generator | None = None,
        keep: list[Tensor] | None = None,
    ) -> Tensor:
        """Return the samples that noise ``(N, *sample_shape)`` becomes, on the CPU.

        Args:
            noise: standard normal.
            steps: calls of the network, evenly spaced in time; all timesteps by default.
            eta: 0 draws nothing more, so the noise alone decides (DDIM); 1 with all timesteps is
                DDPM's ancestral sampling.
            generator: source of the noise drawn on the way, a CPU generator.
            keep: a list to which the sample after each step is appended, to show the way.

        Raises:
            ValueError: ``steps`` is not from 1 to ``timesteps``, or the noise has another shape.
        """
        config, steps = self.config, steps or self.config.timesteps
        if not 1 <= steps <= config.timesteps:
            raise ValueError(f"steps must lie in 1 to {config.timesteps}, got {steps}.")
        if tuple(noise.shape[1:]) != tuple(config.sample_shape):
            wanted = ", ".join(map(str, config.sample_shape))
            raise ValueError(f"noise must have shape (N, {wanted}), got {tuple(noise.shape)}.")
        times = torch.linspace(config.timesteps - 1, 0, steps).round().long().tolist()
        levels = [*self.signal[times].tolist(), 1.0]
        network, samples = self.sampler, noise.to(self.device)
        with eval_mode(network):
            for i, time in enumerate(times):
                t = torch.full((len(noise),), time, device=self.device)
                with autocast(self.device, config.precision):
                    predicted = network(samples, t).float()
                predicted = to_noise(predicted, samples, levels[i], config.target)
                fresh = torch.randn(noise.shape, generator=generator).to(samples) if eta else None
                samples = remove_noise(
                    *(samples, predicted, levels[i], levels[i + 1], fresh, eta),
                    clip=config.bound,
                )
                if keep is not None:
                    keep.append(samples.cpu())
        return samples.cpu()

    def sample(self, n: int, seed: int = 0, steps: int | None = None, eta: float = 1.0) -> Tensor:
        """Return ``n`` samples, on the CPU; the seed fixes all noise, also that on the way."""
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}.")
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(n, *self.config.sample_shape, generator=generator)
        return self.generate(noise, steps, eta, generator)


def build(config: Config, device: torch.device | str = "cpu") -> DiffusionState:
    """Return the denoiser and its optimizer at step 0, drawn from the global random generator.

    Raises:
        ValueError: see :func:`ganbook.generation.noise_schedule.noise_schedule`.
    """
    if len(config.sample_shape) == 1:
        network = MLPDenoiser(config.sample_shape[0], config.width)
    else:
        network = ConvDenoiser(config.sample_shape[0], config.width, config.patch)
    network = network.to(device, memory_format=memory_format(config.precision))
    return DiffusionState(
        config,
        network,
        Adam(network.parameters(), lr=config.learning_rate, fused=True),
        noise_schedule(config.timesteps, config.schedule),
        ema=EMA(network, config.ema_half_life) if config.ema_half_life else None,
    )


def step(state: DiffusionState, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Draw a time and noise for each sample; update the denoiser once.

    Args:
        state: network and optimizer; changed in place.
        batch: a tuple whose first tensor is the samples ``(N, *sample_shape)``.

    Returns:
        A detached scalar: ``loss``, the mean squared error of the target. For noise, predicting 0
        always gives 1.

    Raises:
        ValueError: the samples have another shape.
    """
    config = state.config
    samples = batch[0]
    if tuple(samples.shape[1:]) != tuple(config.sample_shape):
        wanted = ", ".join(map(str, config.sample_shape))
        raise ValueError(f"A batch must have shape (N, {wanted}), got {tuple(samples.shape)}.")
    time = torch.randint(config.timesteps, (len(samples),))
    samples, noise, signal = samples.cpu(), torch.randn(samples.shape), state.signal[time]
    noisy = add_noise(samples, noise, signal).to(state.device)
    if config.target == "velocity":
        wanted = add_noise(noise, -samples, signal)
    else:
        wanted = noise if config.target == "noise" else samples
    if noisy.ndim == 4:
        noisy = noisy.contiguous(memory_format=memory_format(config.precision))

    with autocast(state.device, config.precision):
        predicted = state.network(noisy, time.to(state.device)).float()
    loss = mse_loss(predicted, wanted.to(state.device))
    state.optimizer.zero_grad()
    loss.backward()
    state.optimizer.step()
    if state.ema is not None:
        state.ema.update(state.network, len(samples))
    return {"loss": loss.detach()}


def to_noise(predicted: Tensor, noisy: Tensor, signal: float, target: str = "noise") -> Tensor:
    r"""Return the noise that a prediction of another target implies, of the same shape.

    The three say the same, since :math:`x_t` is known; they differ in which errors count:

    .. math:: \hat\varepsilon
              = \frac{x_t - \sqrt{\bar\alpha_t}\,\hat x}{\sqrt{1 - \bar\alpha_t}}
              = \sqrt{1 - \bar\alpha_t}\,x_t + \sqrt{\bar\alpha_t}\,\hat v, \qquad
              v = \sqrt{\bar\alpha_t}\,\varepsilon - \sqrt{1 - \bar\alpha_t}\,x

    Args:
        predicted: what the network answers.
        noisy: :math:`x_t`.
        signal: :math:`\bar\alpha_t`, below 1.
        target: what the answer means.

    Source: Salimans & Ho (2022), Progressive distillation for fast sampling of diffusion models,
    section 4 and appendix D.
    """
    if target == "noise":
        return predicted
    if target == "sample":
        return (noisy - signal**0.5 * predicted) / (1 - signal) ** 0.5
    return (1 - signal) ** 0.5 * noisy + signal**0.5 * predicted
