"""Random shifts: what a discriminator of few images should see."""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad


class RandomShift(nn.Module):
    """Move each image ``(N, C, H, W)`` by a random whole number of pixels, in training mode only.

    As the first thing in a discriminator it moves real and generated images alike, so the generator
    is not rewarded for shifted pictures, while the discriminator can no longer learn a small data
    set by heart, pixel by pixel. Gradients flow through. Pixels that come into view repeat the
    border.

    Args:
        pixels: the largest shift, in each direction; 0 for none.

    Raises:
        ValueError: ``pixels`` is negative.

    Source: Zhao, Liu, Lin, Zhu & Han (2020), Differentiable Augmentation for Data-Efficient GAN
    Training, section 3; there one of three augmentations, with up to an eighth of the side, and
    black where pixels come into view.
    """

    def __init__(self, pixels: int):
        super().__init__()
        if pixels < 0:
            raise ValueError(f"pixels must not be negative, got {pixels}.")
        self.pixels = pixels

    def forward(self, images: Tensor) -> Tensor:
        if self.pixels == 0 or not self.training:
            return images
        n, _, height, width = images.shape
        device, choices = images.device, 2 * self.pixels + 1
        top = torch.randint(choices, (n, 1, 1), device=device)
        left = torch.randint(choices, (n, 1, 1), device=device)
        rows = top + torch.arange(height, device=device)[:, None]  # (N, H, 1)
        columns = left + torch.arange(width, device=device)  # (N, 1, W)
        padded = pad(images, (self.pixels,) * 4, mode="replicate").permute(0, 2, 3, 1)
        each = torch.arange(n, device=device)[:, None, None]
        return padded[each, rows, columns].permute(0, 3, 1, 2)  # (N, C, H, W)
