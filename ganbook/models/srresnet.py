"""SRResNet: a small picture in, a picture twice, four or eight times as large out.

Source: Ledig et al. (2017), section 2.1 and figure 4; the layer that enlarges is Shi et al. (2016),
section 2.2. Deviations: no batch normalisation (Lim et al. 2017, EDSR, and ESRGAN left it out:
better, and cheaper); 3 x 3 convolutions at both ends; the network adds to the bicubic picture, and
starts as exactly that; means of 2 x 2 pixels remove the checkerboard (Sugawara et al. 2018).
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, pad

from ganbook.data.resolution import enlarge
from ganbook.models.resnet_generator import ResidualBlock

FACTORS = (2, 4, 8)


class SRResNet(nn.Module):
    """Map images ``(N, channels, H, W)`` in [-1, 1] to ``(N, channels, factor H, factor W)``.

    A convolution, ``blocks`` residual blocks and a skip over them at the small size, where a layer
    costs ``factor ** 2`` times less; then :class:`Enlarge` once for each doubling, and a last
    convolution, whose output is added to the bicubic picture. There is no tanh: in training mode
    values may leave [-1, 1], in eval mode they are clipped to it.

    Args:
        channels: of the images.
        width: channels inside.
        blocks: residual blocks.
        factor: 2, 4 or 8.

    Raises:
        ValueError: a number below its least, another factor; images of another shape.
    """

    def __init__(self, channels: int = 3, width: int = 64, blocks: int = 16, factor: int = 4):
        super().__init__()
        for name, value, least in (("width", width, 1), ("blocks", blocks, 0)):
            if value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}.")
        if factor not in FACTORS:
            raise ValueError(f"factor is {factor}; accepted are 2, 4, 8.")
        self.channels, self.factor = channels, factor
        self.first = nn.Sequential(nn.Conv2d(channels, width, 3, 1, 1), nn.LeakyReLU(0.2))
        body = [ResidualBlock(width, "none", "zeros") for _ in range(blocks)]
        self.body = nn.Sequential(*body, nn.Conv2d(width, width, 3, 1, 1))
        doublings = factor.bit_length() - 1
        self.enlarge = nn.Sequential(*(Enlarge(width) for _ in range(doublings)))
        self.last = nn.Conv2d(width, channels, 3, 1, 1)
        with torch.no_grad():
            self.last.weight.zero_()
            self.last.bias.zero_()

    def forward(self, images: Tensor) -> Tensor:
        if images.ndim != 4 or images.shape[1] != self.channels:
            raise ValueError(
                f"This network takes shape (N, {self.channels}, H, W), got {tuple(images.shape)}."
            )
        h = self.first(images)
        details = self.last(self.enlarge(h + self.body(h)))
        large = enlarge(images, self.factor) + details
        return large if self.training else large.clamp(-1, 1)


class Enlarge(nn.Module):
    """Map ``(N, width, H, W)`` to ``(N, width, 2H, 2W)``: convolution, pixel shuffle, means.

    The convolution answers with four numbers for each place and channel, and the shuffle lays them
    out as 2 x 2 pixels. They come from four different filters, so a plain area becomes a pattern of
    period 2. The mean of each pixel and its neighbours above and to the left, 2 x 2, takes away
    every such pattern exactly.
    """

    def __init__(self, width: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(width, 4 * width, 3, 1, 1), nn.PixelShuffle(2), nn.LeakyReLU(0.2)
        )

    def forward(self, h: Tensor) -> Tensor:
        return avg_pool2d(pad(self.layers(h), (1, 0, 1, 0), mode="replicate"), 2, stride=1)
