"""PatchGAN: a discriminator that judges every patch of an image instead of the whole.

Source: Isola, Zhu, Zhou & Efros (2017), sections 3.2.2 and 6.1.2; shared with CycleGAN (Zhu, Park,
Isola & Efros 2017, section 4). Deviations: the width is free (the papers have 64), instance
normalisation has a learned scale and shift, and the output is logits.
"""

from torch import Tensor, nn

from ganbook.nn.init import dcgan_init
from ganbook.nn.norm import needs_bias, norm_layer


class PatchGAN(nn.Module):
    """Map images ``(N, in_channels, H, W)`` to a map of logits ``(N, 1, H', W')``, one a patch.

    ``layers`` convolutions of stride 2, then two of stride 1, all 4 x 4; the channels double from
    ``width`` to at most ``8 * width``. There is no normalisation after the first. A conditional
    discriminator, as in pix2pix, gets input and output joined along the channels.

    Args:
        in_channels: channels of an image.
        width: channels after the first convolution.
        layers: convolutions of stride 2; 1, 2 and 3 see patches of 16, 34 and 70 pixels.
        norm: ``batch``, ``instance`` or ``none``.

    Raises:
        ValueError: ``layers`` below 1; an image with other channels, or smaller than one patch.
    """

    def __init__(
        self, in_channels: int = 3, width: int = 64, layers: int = 3, norm: str = "instance"
    ):
        super().__init__()
        self.in_channels, self.patch = in_channels, receptive_field(layers)
        bias = needs_bias(norm)
        blocks = [nn.Conv2d(in_channels, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        maps = width
        for stride in [2] * (layers - 1) + [1]:
            wider = min(maps * 2, 8 * width)
            blocks += [nn.Conv2d(maps, wider, 4, stride, 1, bias=bias), norm_layer(norm, wider)]
            blocks.append(nn.LeakyReLU(0.2))
            maps = wider
        blocks.append(nn.Conv2d(maps, 1, 4, 1, 1))
        self.layers = nn.Sequential(*blocks)
        self.apply(dcgan_init)

    def forward(self, images: Tensor) -> Tensor:
        if images.ndim != 4 or images.shape[1] != self.in_channels:
            raise ValueError(
                f"This PatchGAN takes shape (N, {self.in_channels}, H, W), "
                f"got {tuple(images.shape)}."
            )
        if min(images.shape[2:]) < self.patch:
            height, width = images.shape[2:]
            raise ValueError(
                f"Patches of {self.patch} x {self.patch} do not fit into images of "
                f"{height} x {width}; take fewer layers (1, 2, 3 see 16, 34, 70 pixels)."
            )
        return self.layers(images)


def receptive_field(layers: int) -> int:
    """Return the side in pixels of the patch that one logit of a :class:`PatchGAN` sees.

    Walk back from one logit: a convolution of kernel k and stride s that sees r places of its
    output sees ``s * (r - 1) + k`` places of its input.

    Raises:
        ValueError: ``layers`` is below 1.
    """
    if layers < 1:
        raise ValueError(f"layers must be at least 1, got {layers}.")
    side = 1
    for stride in [1, 1] + [2] * layers:
        side = stride * (side - 1) + 4
    return side
