"""What every metric asks of the features that it is given."""

import torch
from torch import Tensor


def checked_features(features: Tensor, name: str, least: int = 1) -> Tensor:
    """Return features ``(N, D)`` in float64 on the CPU, where all metrics are computed.

    Args:
        features: ``(N, D)``, of any numeric type and on any device; NumPy arrays too.
        name: what the argument is called, for the message.
        least: how many samples are needed.

    Raises:
        ValueError: another number of dimensions, too few samples, NaN or infinity.
    """
    features = torch.as_tensor(features).detach().cpu().double()
    if features.ndim != 2 or features.shape[1] == 0:
        raise ValueError(f"{name} must have shape (N, D), got {tuple(features.shape)}.")
    if len(features) < least:
        raise ValueError(f"{name} needs at least {least} samples, got {len(features)}.")
    if not torch.isfinite(features).all():
        raise ValueError(f"{name} has NaN or infinite values.")
    return features


def checked_pair(real: Tensor, fake: Tensor, least: int = 1) -> tuple[Tensor, Tensor]:
    """Return both sets of features as :func:`checked_features` does; D must be the same.

    Raises:
        ValueError: as there, or features of different D.
    """
    real, fake = checked_features(real, "real", least), checked_features(fake, "fake", least)
    if real.shape[1] != fake.shape[1]:
        raise ValueError(
            f"real and fake must have equally many features, got {real.shape[1]} and "
            f"{fake.shape[1]}: were they made by the same extractor?"
        )
    return real, fake


def check_positive(**arguments: int) -> None:
    """Raise a ValueError that names the first of the arguments that is below 1."""
    for name, value in arguments.items():
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}.")
