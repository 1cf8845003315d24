"""What a distance between image sets is measured in: a feature extractor.

An extractor is any function from images ``(N, C, H, W)`` in [-1, 1] to features ``(N, D)``. The
choice decides what a distance can see.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from ganbook.data.transforms import check_images
from ganbook.models.classifier import DigitClassifier, load_digit_classifier

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


@torch.no_grad()
def extract_features(images: Tensor, extractor: FeatureExtractor, batch_size: int = 250) -> Tensor:
    """Return the features of all images, ``(N, D)``, computed ``batch_size`` at a time."""
    return torch.cat([extractor(part) for part in images.split(batch_size)])
