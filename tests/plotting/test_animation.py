"""ganbook.plotting.animation: what is written can be played."""

import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image

from ganbook.plotting.animation import (
    encode_animation,
    figure_frame,
    save_animation,
    show_animation,
)

COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
TENSORS = [torch.tensor(c, dtype=torch.uint8)[:, None, None].expand(3, 16, 24) for c in COLOURS]
ARRAYS = [frame.permute(1, 2, 0).numpy() for frame in TENSORS]


def played(content):
    """Return each frame's size, middle colour and duration, and the number of repetitions."""
    with Image.open(io.BytesIO(content)) as animation:
        frames = []
        for index in range(animation.n_frames):
            animation.seek(index)
            animation.load()
            colour = animation.convert("RGB").getpixel((12, 8))
            frames.append((animation.size, colour, animation.info["duration"]))
        return frames, animation.info["loop"]


@pytest.mark.parametrize("form", ["WEBP", "GIF"])
@pytest.mark.parametrize("frames", [TENSORS, ARRAYS], ids=["tensors", "arrays"])
def test_frames_come_back_with_their_durations(form, frames):
    played_frames, loop = played(encode_animation(frames, fps=5, hold=1, form=form))
    assert loop == 0  # for ever
    assert [duration for _, _, duration in played_frames] == [200, 200, 1200]
    for (size, found, _), colour in zip(played_frames, COLOURS, strict=True):
        assert size == (24, 16)
        assert found == pytest.approx(colour, abs=12)  # WebP is lossy


@pytest.mark.parametrize("suffix", ["webp", "gif"])
def test_the_suffix_decides_the_format(tmp_path, suffix):
    save_animation(TENSORS, tmp_path / f"run.{suffix}")
    with Image.open(tmp_path / f"run.{suffix}") as animation:
        assert animation.format == suffix.upper() and animation.n_frames == 3


def test_the_notebooks_image_is_described_and_whole():
    alt = 'a "ring" & <its> samples'
    shown = show_animation(ARRAYS, alt=alt, fps=10).data
    assert 'alt="a &quot;ring&quot; &amp; &lt;its&gt; samples"' in shown
    content = base64.b64decode(re.search(r"data:image/webp;base64,([^\"]+)\"", shown)[1])
    assert [duration for _, _, duration in played(content)[0]] == [100, 100, 1600]


def test_a_figure_becomes_a_frame():
    figure = plt.figure(figsize=(2, 1), dpi=50, facecolor="#ff8000")
    frame = figure_frame(figure)
    assert frame.shape == (50, 100, 3) and frame.dtype == np.uint8
    assert frame[25, 50].tolist() == [255, 128, 0]
    frame[:] = 0  # the frame is a copy
    assert figure_frame(figure)[0, 0].tolist() == [255, 128, 0]


def test_bad_input(tmp_path):
    with pytest.raises(ValueError, match="frames is empty"):
        encode_animation([])
    with pytest.raises(ValueError, match="form is 'MP4'; accepted are WEBP, GIF"):
        save_animation(TENSORS, tmp_path / "run.mp4")
    with pytest.raises(ValueError, match=r"uint8 .* got float32 \(16, 24, 3\)"):
        encode_animation([TENSORS[0].float()])
    with pytest.raises(ValueError, match=r"got uint8 \(16, 24\)"):
        encode_animation([ARRAYS[0][..., 0]])
