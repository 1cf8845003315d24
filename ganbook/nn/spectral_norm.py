"""Spectral normalisation: no layer stretches its input by more than 1."""

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

LAYERS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def add_spectral_norm(network: nn.Module, iterations: int = 1) -> nn.Module:
    r"""Divide each weight by its largest singular value, at every forward pass; return the network.

    .. math:: \bar W = W / \sigma(W), \qquad \sigma(W) \approx u^\top W v

    where u and v follow W by ``iterations`` of power iteration a forward pass in training mode.
    They are buffers, so a checkpoint holds them. A convolution's weight ``(O, I, h, w)`` counts as
    a matrix ``(O, I h w)``, so the *convolution* may still stretch by somewhat more than 1.
    Optimizers made afterwards hold the weight before the division.

    Args:
        network: changed in place; all its linear and (transposed) convolutional layers.
        iterations: at least 1.

    Raises:
        ValueError: the network has no such layer, has spectral norm already, or ``iterations`` is
            below 1.

    Source: Miyato et al. (2018), section 2.1 and algorithm 1; the division is PyTorch's.
    """
    if iterations < 1:
        raise ValueError(f"iterations must be at least 1, got {iterations}.")
    layers = [module for module in network.modules() if isinstance(module, LAYERS)]
    if not layers:
        raise ValueError(f"{type(network).__name__} has no linear or convolutional layer.")
    if any(nn.utils.parametrize.is_parametrized(layer) for layer in layers):
        raise ValueError(f"{type(network).__name__} has spectral norm already.")
    for layer in layers:
        spectral_norm(layer, n_power_iterations=iterations)
    return network
