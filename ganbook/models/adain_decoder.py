"""The decoder of arbitrary style transfer: from VGG's relu3_1 back to an image.

Source: Huang & Belongie (2017), section 6.1 and figure 2: the mirror image of the describer's
layers, with nearest-neighbour upsampling, reflection padding, and no normalisation. Deviations:
VGG-16 up to relu3_1, where the authors have VGG-19 up to relu4_1 (3.5 million parameters);
activations are divided by a constant first, since those of Caffe's networks may be in the hundreds;
and the decoder is told the colours, at a quarter of the side, since a VGG tuned to edges has
forgotten them by relu3_1.
"""

from importlib.resources import as_file, files

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import interpolate

LAYER = "relu3_1"
CHANNELS = 256
HELD_OUT_PAINTINGS = ("glass", "waves")  # the shipped decoder has not seen these styles


class AdaINDecoder(nn.Module):
    """Map activations of relu3_1, ``(N, 256, H, W)``, and colours, to images ``(N, 3, 4 H, 4 W)``.

    What the layers compute is added to the colours, enlarged. The images should lie in [-1, 1], but
    nothing holds them there: a squashing function would make plain white hard to reach. Clip what
    you show. 558,531 parameters.

    Args:
        scale: of typical activations; they are divided by it.

    Raises:
        ValueError: a scale that is not positive; activations of another shape, or below 2 x 2;
            colours that are not ``(N, 3, H, W)``.
    """

    def __init__(self, scale: float = 1.0):
        super().__init__()
        if not scale > 0:
            raise ValueError(f"scale must be positive, got {scale}.")
        self.register_buffer("scale", torch.tensor(float(scale)))
        self.layers = nn.Sequential(
            *_convolution(CHANNELS + 3, 128),  # conv3_1
            nn.Upsample(scale_factor=2, mode="nearest"),
            *_convolution(128, 128),  # conv2_2
            *_convolution(128, 64),  # conv2_1
            nn.Upsample(scale_factor=2, mode="nearest"),
            *_convolution(64, 64),  # conv1_2
            _convolution(64, 3)[0],  # conv1_1
        )

    def forward(self, features: Tensor, colours: Tensor) -> Tensor:
        if features.ndim != 4 or features.shape[1] != CHANNELS or min(features.shape[2:]) < 2:
            raise ValueError(
                f"features must have shape (N, {CHANNELS}, H, W), 2 x 2 or more, got "
                f"{tuple(features.shape)}."
            )
        n, _, height, width = features.shape
        if colours.shape != (n, 3, height, width):
            raise ValueError(
                f"colours must have shape ({n}, 3, {height}, {width}), got {tuple(colours.shape)}."
            )
        drawn = self.layers(torch.cat([features / self.scale, colours], dim=1))
        return drawn + interpolate(colours, scale_factor=4, mode="bilinear", align_corners=False)


def load_adain_decoder() -> AdaINDecoder:
    """Return the decoder that ships with the package, in eval mode and frozen.

    It belongs to ``load_vgg16("edges")``: another network's activations mean something else. Its
    weights are stored as float16. ``tools/train_adain.py`` makes them again.
    """
    decoder = AdaINDecoder()
    with as_file(files("ganbook") / "weights" / "adain_decoder.safetensors") as path:
        decoder.load_state_dict(load_file(path))  # copies float16 into float32
    return decoder.eval().requires_grad_(False)


def _convolution(inputs: int, outputs: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="reflect"), nn.ReLU(inplace=True)
