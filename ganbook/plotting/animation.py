"""A training run as a small animation."""

import base64
import html
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def encode_animation(
    frames: Sequence[Tensor | np.ndarray], fps: float = 6, hold: float = 1.5, form: str = "WEBP"
) -> bytes:
    """Return frames as one animated WebP (or GIF), which repeats and rests on the last frame.

    Args:
        frames: uint8 pictures, ``(3, H, W)`` tensors or ``(H, W, 3)`` arrays, all of one size.
        fps: frames a second.
        hold: seconds that the last frame stays.
        form: ``WEBP`` or ``GIF``.

    Raises:
        ValueError: no frames, or another form.
    """
    if not frames:
        raise ValueError("frames is empty.")
    if form not in ("WEBP", "GIF"):
        raise ValueError(f"form is {form!r}; accepted are WEBP, GIF.")
    pictures = [Image.fromarray(_as_array(frame)) for frame in frames]
    durations = [round(1000 / fps)] * len(pictures)
    durations[-1] += round(1000 * hold)
    buffer = io.BytesIO()
    first, *rest = pictures
    options = {"quality": 70, "method": 4} if form == "WEBP" else {"optimize": True}
    first.save(
        buffer, form, save_all=True, append_images=rest, duration=durations, loop=0, **options
    )
    return buffer.getvalue()


def save_animation(
    frames: Sequence[Tensor | np.ndarray], path: str | Path, fps: float = 6, hold: float = 1.5
) -> None:
    """Write frames to a ``.webp`` or ``.gif`` file (see :func:`encode_animation`)."""
    path = Path(path)
    form = path.suffix.lstrip(".").upper()
    path.write_bytes(encode_animation(frames, fps, hold, form))


def show_animation(
    frames: Sequence[Tensor | np.ndarray], alt: str, fps: float = 6, hold: float = 1.5
):
    """Return frames as an image for a notebook's cell; ``alt`` describes it in words."""
    from IPython.display import HTML

    data = base64.b64encode(encode_animation(frames, fps, hold)).decode()
    return HTML(f'<img alt="{html.escape(alt)}" src="data:image/webp;base64,{data}">')


def figure_frame(figure) -> np.ndarray:
    """Return a matplotlib figure as a frame, ``(H, W, 3)`` uint8."""
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()


def _as_array(frame: Tensor | np.ndarray) -> np.ndarray:
    if isinstance(frame, torch.Tensor):
        frame = frame.permute(1, 2, 0).cpu().numpy()
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        raise ValueError(
            f"A frame must be uint8 (3, H, W) tensor or (H, W, 3) array, got {frame.dtype} "
            f"{frame.shape}."
        )
    return frame
