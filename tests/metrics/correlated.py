"""Features that are hard to describe: correlated, and of very different scales."""

import math

import torch


def features(n, d, seed, shift=0.0):
    """Correlated features whose scales differ a hundredfold."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(d, d, generator=generator, dtype=torch.float64) / math.sqrt(d)
    scales = torch.logspace(0, -2, d, dtype=torch.float64)
    return torch.randn(n, d, generator=generator, dtype=torch.float64) * scales @ mixing + shift
