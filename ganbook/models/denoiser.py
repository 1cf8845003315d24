"""Networks that see a noisy sample and the time, and predict the noise in it."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pixel_shuffle, pixel_unshuffle

GROUPS = 8  # of group norm


class MLPDenoiser(nn.Module):
    r"""Map points ``(N, dim)`` and times ``(N,)`` int64 to the noise in them, ``(N, dim)``.

    Three hidden layers with SiLU. The time enters as sines and cosines, and beside each coordinate
    x stand :math:`\sin(2^k x)` and :math:`\cos(2^k x)` for k below ``frequencies``. Where little
    noise is left, the answer changes within a small distance, which a network of plain coordinates
    learns slowly.

    Args:
        dim: coordinates of a point; of about unit variance each.
        width: of the hidden layers.
        times: sines and cosines of the time, even.
        frequencies: of the coordinates; 0 for the plain coordinates alone.

    Source: Tancik et al. (2020), Fourier features let networks learn high frequency functions in
    low dimensional domains, there with random frequencies; in powers of two: Mildenhall et al.
    (2020), NeRF, equation 4.
    """

    def __init__(self, dim: int = 2, width: int = 128, times: int = 32, frequencies: int = 6):
        super().__init__()
        self.times, self.frequencies = times, frequencies
        self.layers = nn.Sequential(
            nn.Linear(dim * (1 + 2 * frequencies) + times, width),
            nn.SiLU(),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(width, dim),
        )

    def forward(self, noisy: Tensor, time: Tensor) -> Tensor:
        waves = 2.0 ** torch.arange(self.frequencies, device=noisy.device)
        angles = (noisy[:, :, None] * waves).flatten(1)  # (N, dim * frequencies)
        inputs = [noisy, angles.sin(), angles.cos(), time_embedding(time, self.times)]
        return self.layers(torch.cat(inputs, dim=1))


class ConvDenoiser(nn.Module):
    """Map images ``(N, C, H, W)`` and times ``(N,)`` int64 to the noise in them, of their shape.

    A small U-Net of three scales with ``width``, twice and twice as many channels. With ``patch``
    above 1 the finest scale is that of squares of so many pixels, whose pixels are channels: it is
    ``patch ** 2`` times as fast.

    Args:
        channels: C.
        width: channels at the finest scale, a multiple of 8.
        patch: side of the squares, in pixels.

    Raises:
        ValueError: ``width`` is not a multiple of 8, ``patch`` is not positive, or a side of the
            images not a multiple of four squares.

    Source: Ho, Jain & Abbeel (2020), appendix B. Deviations: much smaller, no attention, squares.
    """

    def __init__(self, channels: int = 1, width: int = 32, patch: int = 1):
        super().__init__()
        if width < GROUPS or width % GROUPS:
            raise ValueError(f"width must be a multiple of {GROUPS}, got {width}.")
        if patch < 1:
            raise ValueError(f"patch must be at least 1, got {patch}.")
        self.width, self.patch = width, patch
        times, channels = 4 * width, channels * patch**2
        self.embed = nn.Sequential(nn.Linear(width, times), nn.SiLU())
        self.enter = nn.Conv2d(channels, width, 3, padding=1)
        self.fine = _Block(width, width, times)
        self.middle = _Block(width, 2 * width, times)
        self.coarse = _Block(2 * width, 2 * width, times)
        self.middle_up = _Block(4 * width, 2 * width, times)
        self.fine_up = _Block(3 * width, width, times)
        self.leave = nn.Sequential(
            nn.GroupNorm(GROUPS, width), nn.SiLU(), nn.Conv2d(width, channels, 3, padding=1)
        )
        for parameter in self.leave[-1].parameters():
            nn.init.zeros_(parameter)  # at the start it predicts no noise at all

    def forward(self, noisy: Tensor, time: Tensor) -> Tensor:
        least = 4 * self.patch
        if any(side % least for side in noisy.shape[2:]):
            raise ValueError(f"Each side must be a multiple of {least}, got {tuple(noisy.shape)}.")
        t = self.embed(time_embedding(time, self.width))
        fine = self.fine(self.enter(pixel_unshuffle(noisy, self.patch)), t)  # (N, width, H, W)
        middle = self.middle(_halved(fine), t)  # (N, 2 width, H/2, W/2)
        coarse = self.coarse(_halved(middle), t)  # (N, 2 width, H/4, W/4)
        middle = self.middle_up(torch.cat([_doubled(coarse), middle], dim=1), t)
        fine = self.fine_up(torch.cat([_doubled(middle), fine], dim=1), t)
        return pixel_shuffle(self.leave(fine), self.patch)


class _Block(nn.Module):
    """Two convolutions around which the input passes; the time is added between them."""

    def __init__(self, inputs: int, outputs: int, times: int):
        super().__init__()
        self.first = nn.Sequential(
            nn.GroupNorm(GROUPS, inputs), nn.SiLU(), nn.Conv2d(inputs, outputs, 3, padding=1)
        )
        self.time = nn.Linear(times, outputs)
        self.second = nn.Sequential(
            nn.GroupNorm(GROUPS, outputs), nn.SiLU(), nn.Conv2d(outputs, outputs, 3, padding=1)
        )
        self.around = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, maps: Tensor, t: Tensor) -> Tensor:
        inside = self.first(maps) + self.time(t)[:, :, None, None]
        return self.around(maps) + self.second(inside)


def time_embedding(time: Tensor, dim: int) -> Tensor:
    """Return sines and cosines of the time ``(N,)`` at ``dim / 2`` frequencies, ``(N, dim)``.

    The wavelengths grow evenly in their logarithm, from 2 pi to 20,000 pi.

    Raises:
        ValueError: ``dim`` is odd or below 4.

    Source: Vaswani et al. (2017), section 3.5.
    """
    if dim < 4 or dim % 2:
        raise ValueError(f"dim must be even and at least 4, got {dim}.")
    steps = torch.arange(dim // 2, device=time.device) / (dim // 2 - 1)
    angles = time[:, None].float() * torch.exp(-math.log(10_000) * steps)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def _halved(maps: Tensor) -> Tensor:
    return nn.functional.avg_pool2d(maps, 2)


def _doubled(maps: Tensor) -> Tensor:
    return interpolate(maps, scale_factor=2)
