"""Variational autoencoder and plain autoencoder, with DCGAN's layers.

The decoder is DCGAN's generator without its tanh. It returns one logit a pixel, and
:func:`logits_to_images` turns logits into images; so one decoder serves a Bernoulli likelihood
(which wants the logits) and a Gaussian one (whose mean is the image).

Source: Kingma & Welling (2014), Auto-Encoding Variational Bayes. Deviation: convolutions, where the
paper's appendix C has one hidden layer.
"""

import torch
from torch import Tensor, nn

from ganbook.models.dcgan import DCGANDiscriminator, DCGANGenerator
from ganbook.nn.init import dcgan_init


class ConvEncoder(nn.Module):
    """Map images ``(N, channels, size, size)`` in [-1, 1] to ``(N, outputs)``, unbounded.

    DCGAN's discriminator with ``outputs`` numbers at its end instead of one.

    Raises:
        ValueError: ``size`` is not a power of two of at least 16, or an image has another shape.
    """

    def __init__(self, outputs: int, channels: int = 1, size: int = 32, width: int = 32):
        super().__init__()
        self.image_shape = (channels, size, size)
        body = DCGANDiscriminator(channels, size, width).layers
        head = nn.Conv2d(body[-1].in_channels, outputs, 4)  # (N, outputs, 1, 1)
        self.layers = nn.Sequential(*body[:-1], head)
        head.apply(dcgan_init)

    def forward(self, images: Tensor) -> Tensor:
        if tuple(images.shape[1:]) != self.image_shape:
            wanted = ", ".join(map(str, self.image_shape))
            raise ValueError(f"This encoder takes shape (N, {wanted}), got {tuple(images.shape)}.")
        return self.layers(images).flatten(1)


class ConvDecoder(nn.Module):
    """Map codes ``(N, latent_dim)`` to logits ``(N, channels, size, size)``, unbounded.

    Raises:
        ValueError: ``size`` is not a power of two of at least 16, or a code has another length.
    """

    def __init__(self, latent_dim: int, channels: int = 1, size: int = 32, width: int = 32):
        super().__init__()
        self.latent_dim = latent_dim
        self.layers = DCGANGenerator(latent_dim, channels, size, width).layers[:-1]  # no tanh

    def forward(self, z: Tensor) -> Tensor:
        if z.ndim != 2 or z.shape[1] != self.latent_dim:
            raise ValueError(
                f"This decoder takes codes of shape (N, {self.latent_dim}), got {tuple(z.shape)}."
            )
        return self.layers(z[:, :, None, None])


class Autoencoder(nn.Module):
    """Squeeze images through a code of ``latent_dim`` numbers and draw them again.

    Args:
        latent_dim: length of a code.
        channels: of the images.
        size: side of the images, a power of two of at least 16.
        width: channels of the layers next to the image.
    """

    def __init__(self, latent_dim: int, channels: int = 1, size: int = 32, width: int = 32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = ConvEncoder(latent_dim, channels, size, width)
        self.decoder = ConvDecoder(latent_dim, channels, size, width)

    def encode(self, images: Tensor) -> Tensor:
        """Return codes ``(N, latent_dim)``, unbounded, of images in [-1, 1]."""
        return self.encoder(images)

    def decode(self, z: Tensor) -> Tensor:
        """Return logits ``(N, C, H, W)`` of codes ``(N, latent_dim)``."""
        return self.decoder(z)

    def forward(self, images: Tensor) -> Tensor:
        """Return the reconstructions' logits ``(N, C, H, W)``."""
        return self.decode(self.encode(images))


class VAE(nn.Module):
    r"""An encoder :math:`q(z\mid x)` and a decoder :math:`p(x\mid z)`, trained together.

    The encoder does not return a code but the parameters of a distribution over codes: the mean and
    the logarithm of the variance of an independent Gaussian for each coordinate. The prior
    :math:`p(z)` is standard normal. Arguments as for :class:`Autoencoder`.
    """

    def __init__(self, latent_dim: int, channels: int = 1, size: int = 32, width: int = 32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = ConvEncoder(2 * latent_dim, channels, size, width)
        self.decoder = ConvDecoder(latent_dim, channels, size, width)

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance, each ``(N, latent_dim)``, of images in [-1, 1]."""
        mean, log_variance = self.encoder(images).chunk(2, dim=1)
        return mean, log_variance

    def decode(self, z: Tensor) -> Tensor:
        """Return logits ``(N, C, H, W)`` of codes ``(N, latent_dim)``."""
        return self.decoder(z)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits of one drawn code an image, and the mean and log-variance it came from."""
        mean, log_variance = self.encode(images)
        return self.decode(reparameterize(mean, log_variance)), mean, log_variance


def reparameterize(
    mean: Tensor, log_variance: Tensor, generator: torch.Generator | None = None
) -> Tensor:
    r"""Return a draw of :math:`\mathcal N(\mu, \sigma^2)` through which gradients flow.

    .. math:: z = \mu + \sigma\,\varepsilon, \qquad \varepsilon \sim \mathcal N(0, I), \qquad
              \sigma = e^{\frac12\log\sigma^2}

    The chance is in :math:`\varepsilon`, which depends on no parameter; so
    :math:`\partial z/\partial\mu = 1` and :math:`\partial z/\partial\sigma = \varepsilon`.

    Args:
        mean: any shape.
        log_variance: the same shape.
        generator: source of the noise, a CPU generator; the global one by default.

    Raises:
        ValueError: the shapes differ.

    Source: Kingma & Welling (2014), section 2.4.
    """
    if mean.shape != log_variance.shape:
        raise ValueError(
            "mean and log_variance must have one shape, got "
            f"{tuple(mean.shape)} and {tuple(log_variance.shape)}."
        )
    epsilon = torch.randn(mean.shape, generator=generator).to(mean)
    return mean + (0.5 * log_variance).exp() * epsilon


def logits_to_images(logits: Tensor) -> Tensor:
    r"""Return images in [-1, 1]: :math:`2\sigma(\ell) - 1 = \tanh(\ell / 2)`."""
    return (0.5 * logits).tanh()
