r"""The evidence lower bound (ELBO), what a variational autoencoder maximises, in nats an image.

.. math:: \log p(x) \ge \mathbb{E}_{q(z\mid x)}[\log p(x\mid z)]
                         - \mathrm{KL}\big(q(z\mid x)\,\|\,p(z)\big)

Nothing here is averaged over pixels or coordinates: the first term is a sum over the pixels, the
second a sum over the code's coordinates, and only so do they stand in the bound's proportion. A
mean over the pixels of a 32 x 32 image would silently multiply the KL term by 1024.

Source: Kingma & Welling (2014), equations 3 and 10, appendix B.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


def bernoulli_nats(logits: Tensor, images: Tensor) -> Tensor:
    r"""Return :math:`-\log p(x\mid z)` with each pixel a coin, ``(N,)`` in nats.

    .. math:: \sum_i -t_i\log\sigma(\ell_i) - (1 - t_i)\log(1 - \sigma(\ell_i)),
              \qquad t = (x + 1)/2

    For grey pixels, t strictly between 0 and 1, this is a cross-entropy and no longer a likelihood;
    its least value is then the entropy of t and not 0. Black and white drawings are nearly coins.

    Args:
        logits: ``(N, ...)``, unbounded.
        images: ``(N, ...)`` in [-1, 1], the same shape.

    Raises:
        ValueError: the shapes differ.
    """
    _check_shapes("logits", logits, "images", images)
    target = (images + 1) / 2
    return binary_cross_entropy_with_logits(logits, target, reduction="none").flatten(1).sum(1)


def gaussian_nats(mean: Tensor, images: Tensor, variance: float) -> Tensor:
    r"""Return :math:`-\log p(x\mid z)` with Gaussian pixels of one fixed variance, ``(N,)``.

    .. math:: \sum_i \frac{(x_i - \mu_i)^2}{2\sigma^2} + \tfrac12\log(2\pi\sigma^2)

    This is where the mean squared error comes from, and :math:`1/2\sigma^2` is its weight against
    the KL term. It is a density: the value can be negative.

    Args:
        mean: ``(N, ...)``, the decoder's images.
        images: ``(N, ...)``, the same shape.
        variance: :math:`\sigma^2`, in the images' units squared.

    Raises:
        ValueError: the shapes differ, or ``variance`` is not positive.
    """
    _check_shapes("mean", mean, "images", images)
    if not variance > 0:
        raise ValueError(f"variance must be positive, got {variance}.")
    squares = (images - mean).square() / variance
    return 0.5 * (squares + math.log(2 * math.pi * variance)).flatten(1).sum(1)


def kl_to_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    r"""Return :math:`\mathrm{KL}(\mathcal N(\mu_j, \sigma_j^2)\,\|\,\mathcal N(0, 1))`, in nats.

    .. math:: \tfrac12(\mu_j^2 + \sigma_j^2 - 1 - \log\sigma_j^2)

    One value for each coordinate: their sum is the KL divergence of the whole code, and a
    coordinate at 0 carries nothing about the image (posterior collapse, where all are at 0).

    Args:
        mean: ``(N, latent_dim)``.
        log_variance: the same shape.

    Returns:
        ``(N, latent_dim)``, not negative.

    Raises:
        ValueError: the shapes differ.
    """
    _check_shapes("mean", mean, "log_variance", log_variance)
    return 0.5 * (mean.square() + torch.expm1(log_variance) - log_variance)


def negative_elbo(reconstruction: Tensor, kl: Tensor, beta: float = 1.0) -> Tensor:
    r"""Return :math:`-\log p(x\mid z) + \beta\,\mathrm{KL}`, averaged over the images only.

    With :math:`\beta = 1` it is an upper bound of :math:`-\log p(x)`, in nats an image. With a
    larger :math:`\beta` codes are nearer to the prior and tell less about the image.

    Args:
        reconstruction: ``(N,)`` nats, of :func:`bernoulli_nats` or :func:`gaussian_nats`.
        kl: ``(N, latent_dim)`` nats, of :func:`kl_to_standard_normal`.
        beta: :math:`\beta`, not negative.

    Raises:
        ValueError: other shapes, or a negative ``beta``.

    Source: Higgins et al. (2017), beta-VAE, equation 4; beta 1 is Kingma & Welling's bound.
    """
    if reconstruction.ndim != 1 or kl.ndim != 2 or len(reconstruction) != len(kl):
        raise ValueError(
            "reconstruction must have shape (N,) and kl (N, latent_dim), got "
            f"{tuple(reconstruction.shape)} and {tuple(kl.shape)}."
        )
    if not beta >= 0:
        raise ValueError(f"beta must not be negative, got {beta}.")
    return (reconstruction + beta * kl.sum(1)).mean()


def _check_shapes(first: str, a: Tensor, second: str, b: Tensor) -> None:
    if a.shape != b.shape:
        raise ValueError(
            f"{first} and {second} must have one shape, got {tuple(a.shape)} and {tuple(b.shape)}."
        )
