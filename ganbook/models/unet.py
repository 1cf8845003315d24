"""U-Net: an encoder and a decoder with skip connections between them.

Source: Isola, Zhu, Zhou & Efros (2017), sections 3.2.1 and 6.1.1, after Ronneberger, Fischer & Brox
(2015). Deviations: width and depth are free; instance normalisation has a learned scale and shift.
"""

import torch
from torch import Tensor, nn

from ganbook.nn.init import dcgan_init
from ganbook.nn.norm import needs_bias, norm_layer

DROPOUTS = 3  # layers of the decoder that have dropout, from the bottleneck on


class UNet(nn.Module):
    """Map images ``(N, in_channels, H, W)`` to images ``(N, out_channels, H, W)`` in [-1, 1].

    ``downs`` convolutions halve the side and double the channels, from ``width`` to at most
    ``8 * width``; as many transposed ones lead back. With ``skips``, each layer of the decoder also
    gets the map of its size from the encoder, joined along the channels.

    There is no normalisation after the first convolution and at the bottleneck, which can be one
    pixel: an instance norm of one value would always give 0.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        width: channels after the first convolution.
        downs: halvings; both sides must be multiples of ``2 ** downs``.
        norm: ``batch``, ``instance`` or ``none``.
        dropout: probability, in the decoder's first layers; the only noise there is.
        skips: whether the decoder sees the encoder's maps.
        tanh: without it the outputs are unbounded, as a classifier's logits must be.

    Raises:
        ValueError: ``downs`` below 2; an image with other channels, or of a size that does not
            divide.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        width: int = 64,
        downs: int = 6,
        norm: str = "batch",
        dropout: float = 0.5,
        skips: bool = True,
        tanh: bool = True,
    ):
        super().__init__()
        if downs < 2:
            raise ValueError(f"downs must be at least 2, got {downs}.")
        self.in_channels, self.factor, self.skips = in_channels, 2**downs, skips
        maps = [min(width * 2**k, 8 * width) for k in range(downs)]
        bias = needs_bias(norm)
        self.encoder = nn.ModuleList([nn.Conv2d(in_channels, width, 4, 2, 1)])
        for k in range(1, downs):
            inner = k == downs - 1
            convolution = nn.Conv2d(maps[k - 1], maps[k], 4, 2, 1, bias=bias or inner)
            after = nn.Identity() if inner else norm_layer(norm, maps[k])
            self.encoder.append(nn.Sequential(nn.LeakyReLU(0.2), convolution, after))
        self.decoder = nn.ModuleList()
        for depth, k in enumerate(range(downs - 1, 0, -1)):
            inputs = maps[k] * (2 if skips and depth else 1)
            layers = [
                nn.ReLU(),
                nn.ConvTranspose2d(inputs, maps[k - 1], 4, 2, 1, bias=bias),
                norm_layer(norm, maps[k - 1]),
            ]
            if depth < DROPOUTS:
                layers.append(nn.Dropout(dropout))
            self.decoder.append(nn.Sequential(*layers))
        inputs = width * (2 if skips else 1)
        last = nn.ConvTranspose2d(inputs, out_channels, 4, 2, 1)
        squash = nn.Tanh() if tanh else nn.Identity()
        self.decoder.append(nn.Sequential(nn.ReLU(), last, squash))
        self.apply(dcgan_init)

    def forward(self, images: Tensor) -> Tensor:
        if images.ndim != 4 or images.shape[1] != self.in_channels:
            raise ValueError(
                f"This U-Net takes shape (N, {self.in_channels}, H, W), got {tuple(images.shape)}."
            )
        height, width = images.shape[2:]
        if height % self.factor or width % self.factor:
            raise ValueError(
                f"Images are {height} x {width}; both sides must be multiples of {self.factor}, "
                f"because this U-Net halves them {len(self.encoder)} times."
            )
        h, seen = images, []
        for down in self.encoder:
            h = down(h)
            seen.append(h)
        seen.pop()  # the bottleneck is the decoder's input, not a skip
        for k, up in enumerate(self.decoder):
            if self.skips and k:
                h = torch.cat([h, seen.pop()], dim=1)
            h = up(h)
        return h
