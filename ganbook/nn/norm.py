"""Normalisation layers by name: what batch, instance and no normalisation share."""

from torch import nn

NORMS = ("batch", "instance", "none")


def norm_layer(kind: str, channels: int) -> nn.Module:
    """Return the normalisation of maps ``(N, channels, H, W)``.

    ``batch`` takes mean and variance of a channel over the batch and all places, ``instance`` over
    the places of one image, ``none`` changes nothing. Batch and instance end with a learned scale
    and shift for each channel, so a convolution before them needs no bias (:func:`needs_bias`).

    Raises:
        ValueError: another kind.

    Source: Ioffe & Szegedy (2015), section 3; Ulyanov, Vedaldi & Lempitsky (2016). Deviation:
    CycleGAN's and pix2pix' code have instance normalisation without the learned scale and shift.
    """
    check_norm(kind)
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    if kind == "instance":
        return nn.InstanceNorm2d(channels, affine=True)
    return nn.Identity()


def needs_bias(kind: str) -> bool:
    """Return whether a convolution before this normalisation has use for a bias."""
    check_norm(kind)
    return kind == "none"


def check_norm(kind: str) -> None:
    """Raise a ValueError unless ``kind`` is ``batch``, ``instance`` or ``none``."""
    if kind not in NORMS:
        raise ValueError(f"norm is {kind!r}; accepted are {', '.join(NORMS)}.")
