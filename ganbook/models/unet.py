"""U-Net: an encoder, a decoder, and skips that join maps of the same size.

Source: Isola, Zhu, Zhou & Efros (2017), sections 3.2.1 and 6.1.1; Ronneberger, Fischer & Brox
(2015) for the skips. Deviations: width, depth and widest map are free (the paper has 64, 8 halvings
and 8 * 64); the last layer is the transposed convolution of the authors' code; instance
normalisation has a learned scale and shift.
"""

import torch
from torch import Tensor, nn

from ganbook.nn.init import dcgan_init
from ganbook.nn.norm import needs_bias, norm_layer

DROPOUT_BLOCKS = 3  # of the decoder, counted from the bottleneck


class UNet(nn.Module):
    """Map images ``(N, in_channels, H, W)`` to ``(N, out_channels, H, W)`` in [-1, 1].

    Each of ``downs`` 4 x 4 convolutions of stride 2 halves the sides; as many transposed ones double
    them again. With ``skips`` a decoder block also gets the encoder's map of its size, joined along
    the channels. Dropout in the first decoder blocks is the only noise there is.

    The encoder's first and last convolution have no normalisation. After the last, the bottleneck
    may have a single place, and a mean over one number is that number: instance normalisation, and
    batch normalisation of one image, would turn it into zero (PyTorch refuses instead). The paper
    has it there and says in an erratum what it did; the authors' code does not.

    Args:
        in_channels: channels of the input; one-hot labels have one a class.
        out_channels: channels of the output.
        width: channels after the first convolution; each halving doubles them.
        downs: how often the sides are halved; both must be multiples of ``2 ** downs``.
        skips: False leaves an encoder and a decoder with nothing between but the bottleneck.
        norm: ``batch``, ``instance`` or ``none``.
        dropout: share of a map that is dropped, in the first three decoder blocks but the last one.
        widest: the channels stop growing at ``widest * width``.
        tanh: False returns unbounded values, such as the logits of classes.

    Raises:
        ValueError: a number below its least, another norm; images with other channels, or with
            sides not divisible by ``2 ** downs``.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        width: int = 64,
        downs: int = 8,
        skips: bool = True,
        norm: str = "batch",
        dropout: float = 0.5,
        widest: int = 8,
        tanh: bool = True,
    ):
        super().__init__()
        for name, value, least in (("width", width, 1), ("downs", downs, 2), ("widest", widest, 1)):
            if value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}.")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must lie in [0, 1), got {dropout}.")
        self.in_channels, self.factor, self.skips = in_channels, 2**downs, skips
        maps = [width * min(2**level, widest) for level in range(downs)]  # finest first

        self.encoder = nn.ModuleList([_down(in_channels, maps[0], "none")])
        for level in range(1, downs):
            kind = norm if level < downs - 1 else "none"
            self.encoder.append(_down(maps[level - 1], maps[level], kind))

        self.decoder = nn.ModuleList()
        inputs = maps[-1]
        for block, outputs in enumerate(reversed(maps[:-1])):
            self.decoder.append(_up(inputs, outputs, norm, dropout * (block < DROPOUT_BLOCKS)))
            inputs = 2 * outputs if skips else outputs
        self.last = nn.ConvTranspose2d(inputs, out_channels, 4, 2, 1)
        self.squash = nn.Tanh() if tanh else nn.Identity()
        self.apply(dcgan_init)

    def forward(self, images: Tensor) -> Tensor:
        self._check(images)
        h, kept = images, []
        for block in self.encoder:
            h = block(h)
            kept.append(h)
        kept.pop()  # the bottleneck goes on by itself
        for block in self.decoder:
            h = block(h)
            if self.skips:
                h = torch.cat([h, kept.pop()], dim=1)
        return self.squash(self.last(h))

    def _check(self, images: Tensor) -> None:
        if images.ndim != 4 or images.shape[1] != self.in_channels:
            raise ValueError(
                f"This U-Net takes shape (N, {self.in_channels}, H, W), got {tuple(images.shape)}."
            )
        height, width = images.shape[2:]
        if height % self.factor or width % self.factor or not height or not width:
            raise ValueError(
                f"Images are {height} x {width}; with {len(self.encoder)} halvings both sides must "
                f"be multiples of {self.factor}. Resize or crop them, or take fewer downs."
            )


def _down(inputs: int, outputs: int, norm: str) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 4, 2, 1, bias=needs_bias(norm)),
        norm_layer(norm, outputs),
        nn.LeakyReLU(0.2),
    )


def _up(inputs: int, outputs: int, norm: str, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=needs_bias(norm)),
        norm_layer(norm, outputs),
        nn.Dropout(dropout) if dropout else nn.Identity(),
        nn.ReLU(),
    )
