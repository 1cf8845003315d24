"""ganbook.train.sheet: a PNG at intervals."""

from types import SimpleNamespace

import torch
from PIL import Image

from ganbook.train.sheet import SampleSheet


def test_a_sheet_every_so_often(tmp_path):
    sheet = SampleSheet(lambda state: torch.ones(4, 1, 6, 6), 2, 10, tmp_path / "samples")
    for step in (9, 10, 15, 20):
        sheet(SimpleNamespace(step=step), {})
    names = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert names == ["step_000010.png", "step_000020.png"]
    with Image.open(tmp_path / "samples" / names[0]) as image:
        assert image.size == (2 * 7 + 1, 2 * 7 + 1) and image.mode == "RGB"
        assert image.getextrema() == ((255, 255),) * 3
