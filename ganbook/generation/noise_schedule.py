r"""How a diffusion model adds noise, and one step of taking it away.

Time t runs from 0 (least noise) to T - 1 (nearly nothing but noise). ``signal[t]`` is the papers'
:math:`\bar\alpha`: the share of the data's variance that is left at time t,

.. math:: x_t = \sqrt{\bar\alpha_t}\,x + \sqrt{1 - \bar\alpha_t}\,\varepsilon,
          \qquad \varepsilon \sim \mathcal N(0, I)
"""

import math

import torch
from torch import Tensor

SCHEDULES = ("linear", "cosine")


def noise_schedule(timesteps: int = 1000, kind: str = "cosine") -> Tensor:
    r"""Return ``signal``, :math:`\bar\alpha_0 > \dots > \bar\alpha_{T-1}`, ``(T,)`` in (0, 1).

    Args:
        timesteps: T. Fewer steps are larger ones: the schedule keeps its shape.
        kind: ``linear``, the variance added a step grows evenly; or ``cosine``, slower at both
            ends.

    Raises:
        ValueError: another kind, or ``timesteps`` below 25.

    Source: linear: Ho, Jain & Abbeel (2020), section 4; cosine: Nichol & Dhariwal (2021), equation
    17.
    """
    if kind not in SCHEDULES:
        raise ValueError(f"kind is {kind!r}; accepted are {', '.join(SCHEDULES)}.")
    if timesteps < 25:
        raise ValueError(f"timesteps must be at least 25, got {timesteps}.")
    if kind == "linear":
        scale = 1000 / timesteps  # the paper has 1e-4 to 0.02 in 1,000 steps
        betas = torch.linspace(1e-4 * scale, 0.02 * scale, timesteps, dtype=torch.float64)
    else:
        time = torch.arange(timesteps + 1, dtype=torch.float64) / timesteps
        signal = torch.cos((time + 0.008) / 1.008 * math.pi / 2).square()
        betas = (1 - signal[1:] / signal[:-1]).clamp(max=0.999)
    return (1 - betas).cumprod(0).float()


def add_noise(samples: Tensor, noise: Tensor, signal: Tensor) -> Tensor:
    r"""Return :math:`\sqrt{\bar\alpha}\,x + \sqrt{1 - \bar\alpha}\,\varepsilon`.

    Args:
        samples: ``(N, ...)``.
        noise: standard normal, of the same shape.
        signal: ``(N,)``, each sample's share of signal.

    Raises:
        ValueError: shapes that do not fit.

    Source: Ho, Jain & Abbeel (2020), equation 4.
    """
    if samples.shape != noise.shape or signal.shape != samples.shape[:1]:
        raise ValueError(
            "samples and noise must have one shape and signal one number a sample, got "
            f"{tuple(samples.shape)}, {tuple(noise.shape)} and {tuple(signal.shape)}."
        )
    signal = signal.view(-1, *[1] * (samples.ndim - 1))
    return signal.sqrt() * samples + (1 - signal).sqrt() * noise


def remove_noise(
    noisy: Tensor,
    predicted: Tensor,
    signal: float,
    earlier: float,
    fresh: Tensor | None = None,
    eta: float = 0.0,
    clip: float | None = None,
) -> Tensor:
    r"""Return the sample at an earlier time, given the noise predicted in it.

    .. math:: \hat x = \frac{x_t - \sqrt{1 - \bar\alpha_t}\,\hat\varepsilon}{\sqrt{\bar\alpha_t}},
              \qquad
              x_s = \sqrt{\bar\alpha_s}\,\hat x + \sqrt{1 - \bar\alpha_s - \sigma^2}\,
              \hat\varepsilon + \sigma\,\varepsilon', \qquad
              \sigma = \eta\sqrt{\tfrac{1 - \bar\alpha_s}{1 - \bar\alpha_t}
              \left(1 - \tfrac{\bar\alpha_t}{\bar\alpha_s}\right)}

    With :math:`\eta = 0` nothing is drawn (DDIM). With :math:`\eta = 1` and s = t - 1 this is
    DDPM's ancestral step, with the smaller of the paper's two variances.

    Args:
        noisy: :math:`x_t`, any shape.
        predicted: :math:`\hat\varepsilon`, the same shape.
        signal: :math:`\bar\alpha_t`.
        earlier: :math:`\bar\alpha_s`, 1 for the end.
        fresh: :math:`\varepsilon'`, standard normal; needed where ``eta`` is not 0.
        eta: :math:`\eta`, from 0 to 1.
        clip: keep :math:`\hat x` in [-clip, clip], where the data is known to lie; None does not.

    With few steps the first is a large one, from a time with almost no signal: there
    :math:`\sqrt{\bar\alpha_t}` is tiny, and dividing by it makes a small error of the network a
    large one of :math:`\hat x`, unless ``clip`` stops it.

    Raises:
        ValueError: unless ``0 < signal < earlier <= 1`` and eta in [0, 1], with its noise.

    Source: Song, Meng & Ermon (2021), equations 12 and 16.
    """
    if not 0 < signal < earlier <= 1:
        raise ValueError(f"0 < signal < earlier <= 1 is needed, got {signal} and {earlier}.")
    if not 0 <= eta <= 1 or (eta > 0 and fresh is None):
        raise ValueError(f"eta must lie in [0, 1], and needs fresh noise above 0; got {eta}.")
    clean = (noisy - (1 - signal) ** 0.5 * predicted) / signal**0.5
    if clip is not None:
        clean = clean.clamp(-clip, clip)
        predicted = (noisy - signal**0.5 * clean) / (1 - signal) ** 0.5
    sigma = eta * ((1 - earlier) / (1 - signal) * (1 - signal / earlier)) ** 0.5
    result = earlier**0.5 * clean + max(0.0, 1 - earlier - sigma**2) ** 0.5 * predicted
    return result + sigma * fresh if sigma else result
