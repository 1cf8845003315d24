"""Callbacks for ``fit``: called as ``callback(state, metrics)`` after each step."""

from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor
from tqdm import tqdm  # plain text: a widget would be stored in the notebook

from ganbook.data.transforms import to_uint8
from ganbook.training.checkpoint import save_checkpoint
from ganbook.training.fit import StoppedByHand


class ProgressBar:
    """A bar with the metrics, refreshed every ``every`` steps: reading them makes a GPU wait."""

    def __init__(self, steps: int, every: int = 50):
        self.steps, self.every = _checked(steps, "steps"), _checked(every)

    def __enter__(self):
        self.bar = tqdm(total=self.steps, unit="step", leave=False)
        return self

    def __call__(self, state: Any, metrics: dict[str, Tensor]) -> None:
        if state.step % self.every == 0 or state.step == self.steps:
            self.bar.update(state.step - self.bar.n)
            self.bar.set_postfix({name: f"{value.item():.3f}" for name, value in metrics.items()})

    def __exit__(self, *error):
        self.bar.close()


class SampleGrid:
    """Generate from the same noise every ``every`` steps, and keep the grids in ``.frames``.

    Args:
        noise: ``(N, latent_dim)``, fixed for the whole run, so that a frame shows progress and not
            other samples.
        every: steps between frames.
        columns: images a row.
        folder: where each grid is also saved as a PNG; None to save none.
        labels: for a conditional GAN, what to draw: one row for each latent.

    ``frames`` is a list of ``(step, grid)``, each grid uint8 ``(3, H, W)``.
    """

    def __init__(
        self,
        noise: Tensor,
        every: int,
        columns: int = 8,
        folder: str | Path | None = None,
        labels: Tensor | None = None,
    ):
        self.inputs = (noise,) if labels is None else (noise, labels)
        self.every, self.columns = _checked(every), columns
        self.folder = None if folder is None else Path(folder)
        self.frames: list[tuple[int, Tensor]] = []

    def __call__(self, state: Any, metrics: dict[str, Tensor]) -> None:
        if state.step % self.every:
            return
        from torchvision.utils import make_grid  # slow to import, so only when needed

        images = to_uint8(state.generate(*self.inputs))
        grid = make_grid(images, nrow=self.columns, padding=1, pad_value=255)
        self.frames.append((state.step, grid))
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(grid.permute(1, 2, 0).numpy())
            picture.save(self.folder / f"step_{state.step:06d}.png")


class TensorBoard:
    """Write the metrics to TensorBoard every ``every`` steps (view: ``tensorboard --logdir …``)."""

    def __init__(self, folder: str | Path, every: int = 10):
        self.folder, self.every = Path(folder), _checked(every)

    def __enter__(self):
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "TensorBoard is missing. Run: pip install 'ganbook[tensorboard]'"
            ) from error
        self.writer = SummaryWriter(str(self.folder))
        return self

    def __call__(self, state: Any, metrics: dict[str, Tensor]) -> None:
        if state.step % self.every == 0:
            for name, value in metrics.items():
                self.writer.add_scalar(name, value.item(), state.step)

    def __exit__(self, *error):
        self.writer.close()


class CheckpointEvery:
    """Save to ``path`` every ``every`` steps, at the end, and on Ctrl-C; not after another error.

    Args:
        path: one file, replaced each time.
        every: steps between saves.
        batches: the ``BatchStream`` in use, so that its order continues after a resume.
    """

    def __init__(self, path: str | Path, every: int, batches: Any = None):
        self.path, self.every, self.batches = Path(path), _checked(every), batches
        self.state: Any = None
        self.saved_step: int | None = None

    def __enter__(self):
        return self

    def __call__(self, state: Any, metrics: dict[str, Tensor]) -> None:
        self.state = state
        if state.step % self.every == 0:
            self._save()

    def __exit__(self, kind: type | None, *error):
        by_hand = kind is not None and issubclass(kind, StoppedByHand)
        if self.state is not None and (kind is None or by_hand):
            if self.saved_step != self.state.step:
                self._save()
            if by_hand:
                print(f"Stopped by hand; step {self.state.step} is saved in {self.path}.")

    def _save(self) -> None:
        save_checkpoint(self.path, self.state, self.batches)
        self.saved_step = self.state.step


def _checked(value: int, name: str = "every") -> int:
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}.")
    return value
