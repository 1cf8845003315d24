"""ganbook.plotting.curves."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from ganbook.plotting.curves import plot_curves, smooth
from ganbook.training.history import History


def test_running_mean_by_hand():
    np.testing.assert_allclose(smooth([1, 2, 6, 3, 0], 3), [1, 1.5, 3, 11 / 3, 3])
    np.testing.assert_allclose(smooth([1, 2, 6], 1), [1, 2, 6])
    np.testing.assert_allclose(smooth([1, 2, 6], 100), [1, 1.5, 3])
    assert len(smooth([], 5)) == 0


def test_a_window_below_one_is_refused():
    with pytest.raises(ValueError, match="window must be at least 1, got 0"):
        smooth([1.0], 0)


@pytest.mark.parametrize("names", [["d_loss", "g_loss"], {"d_loss": "D", "g_loss": "G"}])
def test_curves_show_the_values_and_their_mean(names):
    history = {"d_loss": [1.0, 2.0, 6.0], "g_loss": [0.0, 0.0, 3.0], "unused": [9.0] * 3}
    ax = plot_curves(history, names, window=2, ylabel="loss")
    drawn = [line.get_ydata().tolist() for line in ax.lines]
    assert drawn == [[1, 1.5, 4], [1, 2, 6], [0, 0, 1.5], [0, 0, 3]]
    assert all(line.get_xdata().tolist() == [1, 2, 3] for line in ax.lines)
    labels = list(names.values()) if isinstance(names, dict) else names
    assert [text.get_text() for text in ax.get_legend().get_texts()] == labels
    assert ax.get_xlabel() == "step" and ax.get_ylabel() == "loss"


def test_a_training_history_is_taken_as_it_is():
    history = History()
    for value in (1.0, 3.0):
        history.append({"d_loss": torch.tensor(value)})
    _, given = plt.subplots()
    ax = plot_curves(history, ["d_loss"], ax=given)
    assert ax is given
    assert ax.lines[0].get_ydata().tolist() == [1.0, 2.0]
