"""ganbook.data.painters.glass: a rose has its symmetry, and lead between the panes."""

import numpy as np
import pytest

from ganbook.data.painters.glass import paint


def test_the_lead_is_mirrored():
    image = paint(200, np.random.default_rng(0))
    lead = image.max(axis=-1) < 0.12
    assert 0.1 < lead.mean() < 0.45
    assert (lead == lead[::-1]).mean() > 0.93
    assert (lead == lead[:, ::-1]).mean() > 0.93
    assert (lead == np.rot90(lead)).mean() < 0.9  # ten wedges, not four


def test_the_middle_is_yellow_and_panes_differ():
    image = paint(200, np.random.default_rng(0))
    assert image[97:103, 97:103].mean(axis=(0, 1)) == pytest.approx([1, 0.8, 0.25], abs=0.25)
    saturation = image.max(axis=-1) - image.min(axis=-1)
    assert saturation.mean() > 0.3
