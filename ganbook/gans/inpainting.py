"""Inpainting: pix2pix whose input is an image with a hole, and whose target is the image.

Sources: Pathak et al. (2016), Context encoders, section 3.2: a reconstruction and an adversarial
loss for a hole; Yu et al. (2019), section 3.3: a discriminator of patches that sees the composed
image and the mask, which serves holes of any shape. Deviations: pix2pix's networks and losses, and
one discriminator where Iizuka et al. (2017) have a global and a local one.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ganbook.data.masks import random_masks
from ganbook.gans import pix2pix
from ganbook.gans.vanilla import assemble
from ganbook.models.inpainter import Inpainter, hide


@dataclass(frozen=True)
class Config(pix2pix.Config):
    """What defines a run: pix2pix's fields, and which holes there are.

    ``reconstruction_weight`` weighs the mean over *all* pixels; known ones have no error, so a hole
    counts by its area.
    """

    in_channels: int = 4  # those of an image, and the mask
    out_channels: int = 3
    dropout: float = 0.0
    stroke_share: float = 0.5  # of holes that are strokes; the others are rectangles


class InpaintingState(pix2pix.TranslationState):
    """A :class:`~ganbook.gans.pix2pix.TranslationState` that fills holes."""

    def inpaint(self, images: Tensor, masks: Tensor) -> Tensor:
        """Return images ``(N, C, H, W)``, their holes painted by the sampler, on the CPU.

        Args:
            images: in [-1, 1]; what is in the hole is not looked at.
            masks: ``(N or 1, 1, H, W)``, 1 in the hole and 0 elsewhere.
        """
        return self.translate(hide(images, masks))


def build(config: Config, device: torch.device | str = "cpu") -> InpaintingState:
    """Return networks and optimizers at step 0, drawn from the global random generator.

    Raises:
        ValueError: as pix2pix's ``build``; or ``in_channels`` is not one more than
            ``out_channels``, or ``stroke_share`` is outside [0, 1].
    """
    if config.in_channels != config.out_channels + 1:
        raise ValueError(
            f"in_channels is {config.in_channels}; it must be {config.out_channels + 1}: those of "
            "an image (out_channels) and the mask."
        )
    random_masks(0, config.size, config.stroke_share)  # refuses another share
    networks = pix2pix.build(config)
    inpainter = Inpainter(networks.generator)
    return InpaintingState(**vars(assemble(config, inpainter, networks.discriminator, device)))


def step(state: InpaintingState, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Draw a hole for each image, then update the discriminator once and the generator once.

    Args:
        state: networks and optimizers; changed in place.
        batch: a tuple whose first tensor is the images ``(N, C, H, W)`` in [-1, 1].

    Returns:
        The detached scalars of pix2pix's step; ``reconstruction`` is a mean over all pixels.

    Raises:
        ValueError: images of another shape than the config says.
    """
    images = batch[0]
    masks = random_masks(len(images), images.shape[-1], state.config.stroke_share)
    return pix2pix.step(state, (hide(images, masks), images))
