"""Paintings drawn by code in the manner of known schools: styles that anybody may use.

None is a copy of a picture. They have what style transfer lives on: texture at several scales,
strong contrast, and few colours that go together.
"""

from functools import lru_cache

import numpy as np
from torch import Tensor

from ganbook.data.painters import (
    facets,
    glass,
    hatching,
    marbling,
    mosaic,
    points,
    strokes,
    waves,
)
from ganbook.data.painters.tools import finish

PAINTERS = {
    "strokes": strokes,  # thick swirling strokes at night: Vincent van Gogh
    "mosaic": mosaic,  # small cut stones with dark joints: Byzantine churches
    "points": points,  # dots of unmixed colour: Georges Seurat, Paul Signac
    "waves": waves,  # outlined waves and a red sun: Japanese woodblock prints
    "glass": glass,  # a rose window: Gothic cathedrals
    "hatching": hatching,  # crossed lines of ink: etchings
    "facets": facets,  # shaded planes that cut each other: cubism
    "marbling": marbling,  # floating ink, combed: marbled paper
}
PAINTINGS = tuple(PAINTERS)
FINER = 3  # drawn this much larger, then reduced, which smooths the edges


def load_painting(name: str, size: int = 256, seed: int = 0) -> Tensor:
    """Return a painting ``(3, size, size)`` float32 in [-1, 1].

    The composition is the same at every size, in more detail; the seed changes what is random in
    it: strokes, stones, the grain of paper.

    Raises:
        ValueError: the name is not one of ``PAINTINGS``, or a size below 16.
    """
    if name not in PAINTERS:
        raise ValueError(f"painting is {name!r}; accepted are {', '.join(PAINTINGS)}.")
    if size < 16:
        raise ValueError(f"size must be at least 16, got {size}.")
    return _painted(name, size, seed).clone()


@lru_cache(maxsize=16)  # a chapter asks for the same one again and again
def _painted(name: str, size: int, seed: int) -> Tensor:
    return finish(PAINTERS[name].paint(FINER * size, np.random.default_rng(seed)), size)
