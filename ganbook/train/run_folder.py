"""The folder of a run: its config, checkpoint, samples and measurements."""

import json
import os
from pathlib import Path
from typing import Any


class RunFolder:
    """What belongs to one run, and to no other.

    ``config.json`` says what defines the run. The same settings continue it; others are refused, so
    that no checkpoint is overwritten by mistake. What does not change the numbers (the length of a
    run without a schedule, how often to save) stands under ``"may change"`` and may.

    Args:
        path: the folder; it need not exist.

    Raises:
        NotADirectoryError: ``path`` is a file.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        if self.path.exists() and not self.path.is_dir():
            raise NotADirectoryError(f"{self.path} is a file; --output must name a folder.")
        self.config = self.path / "config.json"
        self.checkpoint = self.path / "checkpoint.pt"
        self.samples = self.path / "samples"
        self.board = self.path / "tensorboard"
        self.measures = self.path / "measures.jsonl"

    def check(self, settings: dict[str, Any]) -> None:
        """Raise unless the folder is new, empty, or of a run with these settings.

        Raises:
            ValueError: it holds other files, or a run with other settings (the message names all
                that differ), or its config.json cannot be read.
        """
        if self.config.is_file():
            try:
                saved = json.loads(self.config.read_text(encoding="utf-8"))["settings"]
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{self.config} is not the config of a run: {error!r}.") from error
            differing = _differences(saved, json.loads(json.dumps(settings)))
            if differing:
                raise ValueError(
                    f"{self.path} holds a run with other settings ({'; '.join(differing)}). Give "
                    "the same command to continue it, or another --output."
                )
        elif self.path.is_dir() and any(self.path.iterdir()):
            raise ValueError(
                f"{self.path} holds files that are no run of ganbook.train; name an empty or a new "
                "folder with --output."
            )

    def write(self, settings: dict[str, Any], may_change: dict[str, Any]) -> None:
        """Make the folder and write the config, whole or not at all."""
        self.path.mkdir(parents=True, exist_ok=True)
        content = {"settings": settings, "may change": may_change}
        beside = self.config.with_name(self.config.name + ".writing")
        beside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
        os.replace(beside, self.config)


def _differences(saved: dict[str, Any], here: dict[str, Any], prefix: str = "") -> list[str]:
    found = []
    for name in sorted(saved.keys() | here.keys()):
        old, new = saved.get(name, "absent"), here.get(name, "absent")
        if isinstance(old, dict) and isinstance(new, dict):
            found += _differences(old, new, f"{name}.")
        elif old != new:
            found.append(f"{prefix}{name}: {old} there, {new} here")
    return found
