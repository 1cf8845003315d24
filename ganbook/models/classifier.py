"""The digit classifier: the judge of later chapters."""

from importlib.resources import as_file, files

from safetensors.torch import load_file
from torch import Tensor, nn


class DigitClassifier(nn.Module):
    """Map digits ``(N, 1, 32, 32)`` in [-1, 1] to logits ``(N, 10)``.

    Three convolutions, each halving the side, then a layer of 64 features and one of ten logits.
    """

    def __init__(self):
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1),  # (N, 16, 16, 16)
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),  # (N, 32, 8, 8)
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1),  # (N, 64, 4, 4)
            nn.ReLU(),
            nn.Flatten(),
        )
        self.embed = nn.Sequential(nn.Linear(64 * 4 * 4, 64), nn.ReLU())
        self.classify = nn.Linear(64, 10)

    def features(self, images: Tensor) -> Tensor:
        """Return the 64 features of each image, ``(N, 64)``, not negative.

        Raises:
            ValueError: the images are not ``(N, 1, 32, 32)``.
        """
        if tuple(images.shape[1:]) != (1, 32, 32):
            raise ValueError(
                f"The classifier takes images of shape (N, 1, 32, 32), got {tuple(images.shape)}."
            )
        return self.embed(self.convolutions(images))

    def forward(self, images: Tensor) -> Tensor:
        return self.classify(self.features(images))


def load_digit_classifier() -> DigitClassifier:
    """Return the trained classifier that ships with the package, in eval mode and frozen.

    ``tools/train_digit_classifier.py`` makes its weights again.
    """
    model = DigitClassifier()
    with as_file(files("ganbook") / "weights" / "digit_classifier.safetensors") as path:
        model.load_state_dict(load_file(path))
    return model.eval().requires_grad_(False)
