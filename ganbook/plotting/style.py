"""One look for all figures."""

import matplotlib as mpl

COLORS = {  # Okabe & Ito (2008): told apart with every common colour blindness
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "black": "#222222",
}


def use_book_style() -> None:
    """Set matplotlib's defaults: colour-blind-safe colours, white ground, quiet axes."""
    mpl.rcParams.update(
        {
            "axes.prop_cycle": mpl.cycler(color=list(COLORS.values())),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.titlesize": 11,
            "axes.labelsize": 10,
            "grid.color": "#e3e3e3",
            "legend.frameon": False,
            "figure.figsize": (6.4, 3.6),
            "figure.dpi": 100,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "white",
            "image.interpolation": "nearest",
        }
    )
