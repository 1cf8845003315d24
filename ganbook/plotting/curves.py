"""Training curves."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes


def smooth(values: Sequence[float], window: int) -> np.ndarray:
    """Return the running mean over the last ``window`` values; the first ones have fewer.

    Raises:
        ValueError: ``window`` is below 1.
    """
    if window < 1:
        raise ValueError(f"window must be at least 1, got {window}.")
    total = np.concatenate([[0.0], np.cumsum(np.asarray(values, dtype=float))])
    end = np.arange(1, len(total))
    start = np.maximum(end - window, 0)
    return (total[end] - total[start]) / (end - start)


def plot_curves(
    history: Mapping[str, Sequence[float]],
    names: Mapping[str, str] | Sequence[str],
    window: int = 25,
    ylabel: str = "value",
    ax: Axes | None = None,
) -> Axes:
    """Draw metrics against steps: faint as recorded, strong as running mean; return the axes.

    Args:
        history: a ``History`` or a dict of lists.
        names: which metrics; a mapping gives each its label.
        window: steps of the running mean.
        ylabel: label of the vertical axis.
        ax: where to draw; a new figure without it.
    """
    if ax is None:
        _, ax = plt.subplots()
    labels = names if isinstance(names, Mapping) else {name: name for name in names}
    for name, label in labels.items():
        values = history[name]
        steps = np.arange(1, len(values) + 1)
        (line,) = ax.plot(steps, smooth(values, window), label=label)
        ax.plot(steps, values, color=line.get_color(), alpha=0.15, linewidth=0.7)
    ax.set(xlabel="step", ylabel=ylabel)
    ax.legend()
    return ax
