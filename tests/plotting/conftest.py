"""Figures are drawn without a window and closed after each test."""

import matplotlib as mpl
import pytest


@pytest.fixture(autouse=True)
def no_window():
    """Draw into memory; leave matplotlib as it was."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    with mpl.rc_context():
        yield
    plt.close("all")
