"""The residual generator of CycleGAN: image in, image out, at the same size.

Source: Zhu, Park, Isola & Efros (2017), section 4 and appendix 7.2, after Johnson, Alahi & Fei-Fei
(2016). Deviations: width, number of blocks and of halvings are free; instance normalisation has a
learned scale and shift in place of the convolution's bias, which adds one number a channel.
"""

from torch import Tensor, nn

from ganbook.nn.init import dcgan_init
from ganbook.nn.norm import needs_bias, norm_layer

PADDINGS = ("reflect", "zeros")
SMALL = {"width": 32, "blocks": 3}  # for 32 x 32 images on a CPU: a million weights


class ResidualBlock(nn.Module):
    """Map ``(N, channels, H, W)`` to the same shape: the input plus two 3 x 3 convolutions of it.

    The second convolution has no ReLU, so the correction may be negative. At least 2 x 2 places.
    """

    def __init__(self, channels: int, norm: str = "instance", padding: str = "reflect"):
        super().__init__()
        bias = needs_bias(norm)
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=bias, padding_mode=padding),
            norm_layer(norm, channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=bias, padding_mode=padding),
            norm_layer(norm, channels),
        )

    def forward(self, h: Tensor) -> Tensor:
        return h + self.layers(h)


class ResNetGenerator(nn.Module):
    """Map images ``(N, in_channels, H, W)`` to images ``(N, out_channels, H, W)`` in [-1, 1].

    In the paper's notation, for ``width=64, downs=2``: c7s1-64, d128, d256, R256 (``blocks``
    times), u128, u64, c7s1-3. The paper has 6 blocks for images of 128 x 128 and 9 from 256 x 256.

    Args:
        in_channels, out_channels: channels of the images.
        width: channels after the first convolution; each halving of the side doubles them.
        blocks: residual blocks, at the smallest side.
        downs: how often the side is halved; with fewer, an output pixel sees less of the input.
        norm: ``batch``, ``instance`` or ``none``.
        padding: of the 7 x 7 convolutions and the blocks: ``reflect`` (the paper) or ``zeros``.

    Raises:
        ValueError: a number below its least, another norm or padding; an image with other channels,
            with sides not divisible by ``2 ** downs``, or too small.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        width: int = 64,
        blocks: int = 9,
        downs: int = 2,
        norm: str = "instance",
        padding: str = "reflect",
    ):
        super().__init__()
        for name, value, least in (("width", width, 1), ("blocks", blocks, 0), ("downs", downs, 0)):
            if value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}.")
        if padding not in PADDINGS:
            raise ValueError(f"padding is {padding!r}; accepted are {', '.join(PADDINGS)}.")
        self.in_channels, self.factor = in_channels, 2**downs
        bias = needs_bias(norm)

        def normalised(layer, channels):
            return [layer, norm_layer(norm, channels), nn.ReLU(inplace=True)]

        first = nn.Conv2d(in_channels, width, 7, 1, 3, bias=bias, padding_mode=padding)
        layers = normalised(first, width)
        maps = width
        for _ in range(downs):  # (N, maps, H, W) -> (N, 2 maps, H/2, W/2)
            layers += normalised(nn.Conv2d(maps, 2 * maps, 3, 2, 1, bias=bias), 2 * maps)
            maps *= 2
        layers += [ResidualBlock(maps, norm, padding) for _ in range(blocks)]
        for _ in range(downs):  # and back
            up = nn.ConvTranspose2d(maps, maps // 2, 3, 2, 1, output_padding=1, bias=bias)
            layers += normalised(up, maps // 2)
            maps //= 2
        last = nn.Conv2d(width, out_channels, 7, 1, 3, padding_mode=padding)
        self.layers = nn.Sequential(*layers, last, nn.Tanh())
        self.apply(dcgan_init)

    def forward(self, images: Tensor) -> Tensor:
        if images.ndim != 4 or images.shape[1] != self.in_channels:
            raise ValueError(
                f"This generator takes shape (N, {self.in_channels}, H, W), "
                f"got {tuple(images.shape)}."
            )
        height, width = images.shape[2:]
        least = max(4, 2 * self.factor)  # reflection needs more places than it adds
        if height % self.factor or width % self.factor or min(height, width) < least:
            raise ValueError(
                f"Images are {height} x {width}; both sides must be multiples of {self.factor} "
                f"and at least {least}. Resize or crop them."
            )
        return self.layers(images)
