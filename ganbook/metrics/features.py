"""What a distance between image sets is measured in: a feature extractor.

An extractor is any function from images ``(N, C, H, W)`` in [-1, 1] to features ``(N, D)``, one
image's features independent of the others' in its batch. The choice decides what a distance can
see, and numbers in different features cannot be compared.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from ganbook.data.transforms import check_images
from ganbook.models.classifier import DigitClassifier, load_digit_classifier
from ganbook.models.inception import Inception, load_inception
from ganbook.models.vgg import VGG, load_vgg16
from ganbook.runtime import autocast, check_precision, memory_format

FeatureExtractor = Callable[[Tensor], Tensor]


def digit_features(classifier: DigitClassifier | None = None) -> FeatureExtractor:
    """Return the extractor of the digit classifier: ``(N, 1, 32, 32)`` to ``(N, 64)``.

    A Fréchet distance in these features is not "FID", whose features come from Inception-v3; the
    two numbers cannot be compared.

    Args:
        classifier: another one than that which ships with the package.
    """
    judge = load_digit_classifier() if classifier is None else classifier

    def extract(images: Tensor) -> Tensor:
        check_images(images, "images", channels=1)
        return judge.features(images)

    return extract


def vgg_features(
    layers: str | Iterable[str] = "relu3_3",
    network: VGG | None = None,
    precision: str = "float32",
) -> FeatureExtractor:
    """Return the extractor of VGG-16: ``(N, 3, H, W)`` to the mean activation of each channel.

    The mean over all places keeps how much of a pattern there is and forgets where. D is the number
    of channels: 64, 128, 256, 512, 512 for a layer of the blocks 1 to 5. Several layers are laid
    side by side.

    Args:
        layers: a layer or some, as :class:`ganbook.models.vgg.VGG` names them.
        network: another one than ``load_vgg16("edges")``, whose weights need no download.
        precision: ``bf16`` is twice as fast where the processor has it; its rounding moves a
            Fréchet distance by some thousandths, so measure all sets alike.

    Raises:
        ValueError: an unknown layer or precision.
        ModuleNotFoundError: the weights' package is missing.
    """
    network = load_vgg16() if network is None else network
    names = (layers,) if isinstance(layers, str) else tuple(layers)
    network.check_layers(names)
    check_precision(precision)

    def extract(images: Tensor) -> Tensor:
        with autocast(images.device, precision):
            found = network(images.contiguous(memory_format=memory_format(precision)), names)
        return torch.cat([found[name].float().mean(dim=(2, 3)) for name in names], dim=1)

    return extract


def inception_features(network: Inception | None = None) -> FeatureExtractor:
    """Return the extractor of Inception-v3, ``(N, 3, H, W)`` to ``(N, 2048)``: that of FID.

    Heusel et al. (2017), section 4. The weights are those of torch-fidelity, which equal
    TensorFlow's; they are downloaded once.

    Args:
        network: from :func:`ganbook.models.inception.load_inception`, to load it once for both.

    Raises:
        RuntimeError: the weights cannot be downloaded.
        ModuleNotFoundError: torch-fidelity is missing.
    """
    network = load_inception() if network is None else network
    return lambda images: network(images)[0]


def inception_logits(network: Inception | None = None) -> FeatureExtractor:
    """Return Inception-v3's classifier, ``(N, 3, H, W)`` to logits ``(N, 1008)``: for its score.

    Salimans et al. (2016), section 4. Arguments and errors as :func:`inception_features`.
    """
    network = load_inception() if network is None else network
    return lambda images: network(images)[1]


@torch.no_grad()
def extract_features(images: Tensor, extractor: FeatureExtractor, batch_size: int = 250) -> Tensor:
    """Return the features of all images, ``(N, D)``, computed ``batch_size`` at a time."""
    return torch.cat([extractor(part) for part in images.split(batch_size)])
