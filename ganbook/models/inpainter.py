"""A network that fills holes: image and mask in, the image with its hole painted out.

Sources: Pathak, Krähenbühl, Donahue, Darrell & Efros (2016), Context encoders, for the task;
Iizuka, Simo-Serra & Ishikawa (2017), section 3, for the mask as an input and for known pixels put
back.
Deviations: pix2pix's U-Net in the place of their networks.
"""

from importlib.resources import as_file, files

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ganbook.models.unet import UNet

SIZE = 64
WIDTH = 16
DOWNS = 5
FILES = {True: "inpainter", False: "inpainter_l1"}  # trained with a GAN, without


class Inpainter(nn.Module):
    """Put what a network paints into the hole, and keep every known pixel exactly.

    Maps inputs ``(N, C + 1, H, W)`` as of :func:`hide`, the damaged image and its mask, to images
    ``(N, C, H, W)``: ``damaged + mask * network(inputs)``.

    Args:
        network: maps inputs to images ``(N, C, H, W)`` in [-1, 1].
    """

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, inputs: Tensor) -> Tensor:
        damaged, masks = inputs[:, :-1], inputs[:, -1:]
        return damaged + masks * self.network(inputs)

    def inpaint(self, images: Tensor, masks: Tensor) -> Tensor:
        """Return images ``(N, C, H, W)`` with their holes painted; see :func:`hide`."""
        return self(hide(images, masks))


def hide(images: Tensor, masks: Tensor) -> Tensor:
    """Return the inputs of an :class:`Inpainter`, ``(N, C + 1, H, W)``: what is left, and the mask.

    Pixels in the hole become 0, a mid-grey that could also be a true value; the last channel says
    where they are.

    Args:
        images: ``(N, C, H, W)`` in [-1, 1].
        masks: ``(N, 1, H, W)`` or one for all, ``(1, 1, H, W)``: 1 in the hole, 0 elsewhere.

    Raises:
        ValueError: masks of another shape, or with other values than 0 and 1.
    """
    n, _, height, width = images.shape
    if masks.shape[0] not in (1, n) or tuple(masks.shape[1:]) != (1, height, width):
        raise ValueError(
            f"masks must have shape ({n} or 1, 1, {height}, {width}), got {tuple(masks.shape)}."
        )
    if ((masks != 0) & (masks != 1)).any():
        raise ValueError("masks must be 1 in the hole and 0 elsewhere; there are other values.")
    masks = masks.to(images).expand(n, -1, -1, -1)
    return torch.cat([images * (1 - masks), masks], dim=1)


def load_inpainter(gan: bool = True) -> Inpainter:
    """Return a trained inpainter of portraits, in eval mode and frozen.

    It takes ``(N, 4, 64, 64)`` as of :func:`hide`; its method ``inpaint`` takes portraits and
    masks. It has not seen the test split of ``ganbook.data.edges``. Its weights are an average
    (EMA), stored as float16. ``tools/train_inpainting.py`` makes them again.

    Args:
        gan: trained by L1 and a GAN; without, by L1 alone for as many steps.
    """
    inpainter = Inpainter(UNet(4, 3, width=WIDTH, downs=DOWNS, dropout=0.0))
    with as_file(files("ganbook") / "weights" / f"{FILES[gan]}.safetensors") as path:
        inpainter.load_state_dict(load_file(path))  # copies float16 into float32
    return inpainter.eval().requires_grad_(False)
