"""ganbook.data.painters.marbling: bands of the colours of its list, each with its share."""

import numpy as np
import pytest

from ganbook.data.painters.marbling import BANDS, paint
from ganbook.data.painters.tools import colours


def test_bands_have_their_shares():
    image = paint(240, np.random.default_rng(0))
    starts, names = zip(*BANDS)
    palette = colours(*names)
    nearest = np.abs(image[..., None, :] - palette).sum(axis=-1).argmin(axis=-1)
    widths = np.diff([*starts, 1])
    for name in ("c0392b", "1f7a78"):
        k = names.index(name)
        assert (nearest == k).mean() == pytest.approx(widths[k], abs=0.08)
    assert np.abs(np.diff(image, axis=0)).mean() > np.abs(np.diff(image, axis=1)).mean()  # across
