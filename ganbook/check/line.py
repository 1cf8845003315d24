"""A network of two weights, whose losses and gradients can be worked out beside the reader's."""

import torch
from torch import Tensor, nn


class Line(nn.Module):
    """``u x + v``: it serves as a generator, a translator or a judge of single pixels.

    Args:
        u: the slope.
        v: the constant.
    """

    def __init__(self, u: float, v: float):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([u, v]))

    def forward(self, images: Tensor) -> Tensor:
        """Return images or scores of the shape of the input."""
        return self.weight[0] * images + self.weight[1]
