"""Running a cell again goes on with its run."""

from pathlib import Path
from typing import Any

from ganbook.training.checkpoint import load_checkpoint

DRIVE = Path("/content/drive/MyDrive")  # where Colab mounts the reader's Google Drive


def resume(path: str | Path, state: Any, batches: Any = None) -> Any:
    """Restore ``state`` (and ``batches``) from the checkpoint if there is one; return the state.

    Without a file nothing changes: the first run of a cell starts at step 0, and every later one
    where the last checkpoint was written. To start afresh, delete the file.

    Raises:
        ValueError: not a readable checkpoint, or one of another config.
    """
    return load_checkpoint(path, state, batches) if Path(path).is_file() else state


def runs_folder(drive: str | Path = DRIVE) -> Path:
    """Return the folder for checkpoints: on Google Drive where it is mounted, else ``runs``.

    Colab forgets its own disk when a session is cut off; the mounted drive stays.
    """
    return Path(drive) / "ganbook-runs" if Path(drive).is_dir() else Path("runs")
