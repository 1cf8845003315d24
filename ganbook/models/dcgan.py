"""DCGAN's generator and discriminator, at any power-of-two size from 16.

Source: Radford, Metz & Chintala (2016), section 3 and figure 1. Deviations: the width is free (the
paper has 128 at 64 x 64; half is common), and the discriminator returns logits, not probabilities.
"""

import math

from torch import Tensor, nn

from ganbook.nn.init import dcgan_init
from ganbook.nn.norm import needs_bias, norm_layer
from ganbook.nn.shift import RandomShift


class DCGANGenerator(nn.Module):
    """Map latents ``(N, latent_dim)`` to images ``(N, channels, size, size)`` in [-1, 1].

    The latent becomes a 4 x 4 map of ``width * size / 8`` channels; each further layer doubles the
    side and halves the channels.

    Raises:
        ValueError: ``size`` is not a power of two of at least 16.
    """

    def __init__(self, latent_dim: int = 100, channels: int = 3, size: int = 64, width: int = 64):
        super().__init__()
        _check_size(size)
        self.latent_dim = latent_dim
        maps = width * size // 8
        layers = [_up(latent_dim, maps, stride=1, padding=0)]  # (N, maps, 4, 4)
        while maps > width:
            layers.append(_up(maps, maps // 2))
            maps //= 2
        layers += [nn.ConvTranspose2d(width, channels, 4, 2, 1), nn.Tanh()]
        self.layers = nn.Sequential(*layers)
        self.apply(dcgan_init)

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z[:, :, None, None])


class DCGANDiscriminator(nn.Module):
    """Map images ``(N, channels, size, size)`` in [-1, 1] to logits ``(N,)``.

    With ``shift`` above 0 it looks at each training image moved at random by up to so many pixels,
    which helps where images are few (see :class:`ganbook.nn.shift.RandomShift`). ``norm`` is
    ``batch`` as in the paper, ``instance`` or ``none``; only with the last two does an image's
    logit depend on that image alone.

    Raises:
        ValueError: ``size`` is not a power of two of at least 16, ``norm`` is another name, or an
            image has another size.
    """

    def __init__(
        self,
        channels: int = 3,
        size: int = 64,
        width: int = 64,
        shift: int = 0,
        norm: str = "batch",
    ):
        super().__init__()
        _check_size(size)
        self.shift = RandomShift(shift)
        self.image_shape = (channels, size, size)
        layers = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(0.2)]  # no norm here
        maps = width
        while maps < width * size // 8:
            layers.append(_down(maps, maps * 2, norm))
            maps *= 2
        layers.append(nn.Conv2d(maps, 1, 4))  # (N, 1, 1, 1)
        self.layers = nn.Sequential(*layers)
        self.apply(dcgan_init)

    def forward(self, images: Tensor) -> Tensor:
        if tuple(images.shape[1:]) != self.image_shape:
            wanted = ", ".join(map(str, self.image_shape))
            raise ValueError(
                f"This discriminator takes shape (N, {wanted}), got {tuple(images.shape)}."
            )
        return self.layers(self.shift(images)).flatten()


def _up(inputs: int, outputs: int, stride: int = 2, padding: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _down(inputs: int, outputs: int, norm: str) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 4, 2, 1, bias=needs_bias(norm)),
        norm_layer(norm, outputs),
        nn.LeakyReLU(0.2, inplace=True),
    )


def _check_size(size: int) -> None:
    if size < 16 or not math.log2(size).is_integer():
        raise ValueError(f"size must be a power of two of at least 16, got {size}.")
