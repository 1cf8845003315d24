"""ganbook.plotting.style."""

import itertools

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgb

from ganbook.plotting.style import COLORS, use_book_style


def test_the_style_is_set():
    use_book_style()
    cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    assert cycle == list(COLORS.values())
    assert mpl.rcParams["figure.facecolor"] == mpl.rcParams["savefig.facecolor"] == "white"
    assert mpl.rcParams["figure.dpi"] == 100


def test_colours_differ_also_without_red_against_green():
    """With the matrices of Machado et al. (2009), severity 1, the colours stay apart."""
    simulations = {
        "normal": np.eye(3),
        "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                       [-0.003882, -0.048116, 1.051998]],
        "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                         [-0.011820, 0.042940, 0.968881]],
    }  # fmt: skip
    for name, matrix in simulations.items():
        seen = {colour: np.array(matrix) @ to_rgb(code) for colour, code in COLORS.items()}
        for (one, first), (two, second) in itertools.combinations(seen.items(), 2):
            assert np.linalg.norm(first - second) > 0.1, (name, one, two)
