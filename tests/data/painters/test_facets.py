"""ganbook.data.painters.facets: planes cover all, with dark outlines, of subdued colours."""

import numpy as np

from ganbook.data.painters.facets import paint


def test_planes_cover_the_canvas():
    image = paint(240, np.random.default_rng(0))
    assert image.shape == (240, 240, 3)
    blocks = image.reshape(12, 20, 12, 20, 3)
    assert blocks.std(axis=(1, 3)).mean(axis=-1).min() > 0.015  # none is bare
    dark = (image.max(axis=-1) < 0.2).mean()
    assert 0.05 < dark < 0.5
    saturation = image.max(axis=-1) - image.min(axis=-1)
    assert 0.05 < saturation.mean() < 0.35
