"""The feed-forward stylizer: what takes Gatys' method minutes, one pass of a trained network does.

Source: Johnson, Alahi & Fei-Fei (2016), section 3.1, and their supplementary material, table 1.
Deviations: instance in place of batch normalisation, as Ulyanov, Vedaldi & Lempitsky (2016) found
better; nearest-neighbour upsampling and a convolution in place of strided transposed convolutions,
which leave a checkerboard (Odena, Dumoulin & Olah 2016); reflection at every border in place of a
wide one at the start, so that the residual blocks keep their size; tanh reaches [-1, 1] unscaled.
"""

from torch import Tensor, nn

from ganbook.models.resnet_generator import ResidualBlock
from ganbook.nn.norm import norm_layer


class TransformerNet(nn.Module):
    """Map images ``(N, 3, H, W)`` in [-1, 1] to stylized images of the same shape and range.

    For ``width=32``: 9 x 9 convolution to 32 maps, two that halve the side and double the maps,
    ``blocks`` residual blocks of 128 maps, and back.

    Args:
        width: maps after the first convolution.
        blocks: residual blocks, at a quarter of the side.
        norm: ``instance``, ``batch`` or ``none``.

    Raises:
        ValueError: a number below its least, another norm; an image of other channels, with sides
            not divisible by 4, or below 8.
    """

    def __init__(self, width: int = 32, blocks: int = 5, norm: str = "instance"):
        super().__init__()
        for name, value, least in (("width", width, 1), ("blocks", blocks, 0)):
            if value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}.")
        self.layers = nn.Sequential(
            _convolution(3, width, 9, norm=norm),
            _convolution(width, 2 * width, 3, stride=2, norm=norm),
            _convolution(2 * width, 4 * width, 3, stride=2, norm=norm),
            *(ResidualBlock(4 * width, norm) for _ in range(blocks)),
            nn.Upsample(scale_factor=2, mode="nearest"),
            _convolution(4 * width, 2 * width, 3, norm=norm),
            nn.Upsample(scale_factor=2, mode="nearest"),
            _convolution(2 * width, width, 3, norm=norm),
            nn.Conv2d(width, 3, 9, padding=4, padding_mode="reflect"),
            nn.Tanh(),
        )

    def forward(self, images: Tensor) -> Tensor:
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images must have shape (N, 3, H, W), got {tuple(images.shape)}.")
        height, width = images.shape[2:]
        if height % 4 or width % 4 or min(height, width) < 8:
            raise ValueError(
                f"Images are {height} x {width}; both sides must be multiples of 4 and at least 8. "
                "Resize or crop them."
            )
        return self.layers(images)


def _convolution(inputs: int, outputs: int, side: int, norm: str, stride: int = 1) -> nn.Module:
    """Return convolution, normalisation and ReLU: ``(N, inputs, H, W)`` to ``H / stride``."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, side, stride, side // 2, padding_mode="reflect"),
        norm_layer(norm, outputs),
        nn.ReLU(inplace=True),
    )
