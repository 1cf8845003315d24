"""A sheet of samples, saved at intervals: the same noise or inputs each time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor

from ganbook.data.transforms import to_uint8


class SampleSheet:
    """A callback for ``fit``: save ``show(state)`` as a PNG every ``every`` steps.

    Args:
        show: from the state to images ``(N, C, H, W)`` in [-1, 1].
        columns: images in a row.
        every: steps between sheets.
        folder: where ``step_000500.png`` and so on are written; it is made.
    """

    def __init__(self, show: Callable[[Any], Tensor], columns: int, every: int, folder: Path):
        self.show, self.columns, self.every, self.folder = show, columns, every, folder

    def __call__(self, state: Any, metrics: dict[str, Tensor]) -> None:
        """Save a sheet, if it is time to."""
        if state.step % self.every:
            return
        from torchvision.utils import make_grid  # slow to import, so only when needed

        grid = make_grid(to_uint8(self.show(state)), nrow=self.columns, padding=1, pad_value=255)
        self.folder.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(grid.permute(1, 2, 0).numpy())
        picture.save(self.folder / f"step_{state.step:06d}.png")
