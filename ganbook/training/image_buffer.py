"""The image buffer: the discriminator also sees images that earlier generators made."""

import torch
from torch import Tensor


class ImageBuffer:
    """Keep up to ``size`` generated images; return a mixture of new and stored ones.

    While the buffer fills, each image is stored and returned as it is. Once full, each image of a
    batch is returned with probability 1/2; otherwise a stored image, drawn evenly, is returned in
    its place and the new one takes the free slot. The images of a batch are handled one after the
    other, so a batch may be larger than the buffer. Randomness comes from torch's global CPU
    generator, whose state a checkpoint holds.

    Args:
        size: images kept; 0 switches the buffer off.

    Raises:
        ValueError: ``size`` is negative.
        TypeError: ``size`` is not an int.

    Source: Shrivastava et al. (2017), Learning from simulated and unsupervised images through
    adversarial training, section 2.3; Zhu, Park, Isola & Efros (2017), section 4, with 50 images.
    Deviation: Shrivastava et al. replace half of each batch, here each image is drawn on its own,
    as the code of Zhu et al. does.
    """

    def __init__(self, size: int = 50):
        if not isinstance(size, int) or isinstance(size, bool):
            raise TypeError(f"size must be an int, got {type(size).__name__}.")
        if size < 0:
            raise ValueError(f"size must not be negative, got {size}.")
        self.size = size
        self.images: Tensor | None = None  # (size, C, H, W), allocated by the first query
        self.stored = 0  # slots in use

    def __len__(self) -> int:
        """Return the number of images stored."""
        return self.stored

    @torch.no_grad()
    def query(self, images: Tensor) -> Tensor:
        """Return a detached batch of the shape, dtype and device of ``images``, old and new mixed.

        Args:
            images: ``(N, C, H, W)``, as the generator gave them; they are copied, never kept.

        Raises:
            ValueError: not a batch of images, or not the size of those stored.
        """
        if images.ndim != 4:
            raise ValueError(f"images must have shape (N, C, H, W), got {tuple(images.shape)}.")
        mixed = images.detach().clone()
        if self.size == 0 or len(images) == 0:
            return mixed
        if self.images is None:
            self.images = images.new_zeros(self.size, *images.shape[1:])
        if self.images.shape[1:] != images.shape[1:]:
            raise ValueError(
                f"The buffer holds images {tuple(self.images.shape[1:])}, "
                f"the batch has {tuple(images.shape[1:])}."
            )
        self.images = self.images.to(images.device)
        # Drawn on the CPU whatever the device: no image waits for the GPU.
        swaps = (torch.rand(len(images)) < 0.5).tolist()
        slots = torch.randint(self.size, (len(images),)).tolist()
        for index, (swap, slot) in enumerate(zip(swaps, slots)):
            if self.stored < self.size:
                self.images[self.stored] = images[index]
                self.stored += 1
            elif swap:
                mixed[index] = self.images[slot]
                self.images[slot] = images[index]
        return mixed

    def state_dict(self) -> dict[str, int | Tensor]:
        """Return a copy of what is needed to continue from here: ``size`` and ``images``.

        ``images`` is ``(stored, C, H, W)``; an empty buffer gives ``(0, 0, 0, 0)``.
        """
        if self.images is None:
            return {"size": self.size, "images": torch.zeros(0, 0, 0, 0)}
        return {"size": self.size, "images": self.images[: self.stored].clone()}

    def load_state_dict(self, state: dict[str, int | Tensor]) -> None:
        """Continue where the buffer that gave ``state`` was.

        The next query moves the images to the device of its batch.

        Raises:
            ValueError: that buffer had another size, or the state holds more images than fit.
        """
        images = state["images"]
        if state["size"] != self.size:
            raise ValueError(f"The saved buffer has size = {state['size']}, this one {self.size}.")
        if len(images) > self.size:
            raise ValueError(f"The saved buffer holds {len(images)} images, more than {self.size}.")
        self.stored = len(images)
        self.images = None
        if self.stored:
            self.images = images.new_zeros(self.size, *images.shape[1:])
            self.images[: self.stored] = images
