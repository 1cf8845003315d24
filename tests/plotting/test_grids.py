"""ganbook.plotting.grids."""

import matplotlib.pyplot as plt
import pytest
import torch

from ganbook.plotting.grids import image_grid, show_grid


def constant(values, channels=1):
    return torch.tensor(values).view(-1, 1, 1, 1).expand(-1, channels, 2, 3)


@pytest.mark.parametrize("channels", [1, 3])
def test_each_image_is_where_it_belongs(channels):
    values = [-1.0, -0.5, 0.0, 0.5, 1.0]
    picture = image_grid(constant(values, channels), columns=3, gap=1)
    assert picture.shape == (2 * 2 + 1, 3 * 3 + 2, 3)
    for index, value in enumerate(values):
        row, column = divmod(index, 3)
        part = picture[row * 3 : row * 3 + 2, column * 4 : column * 4 + 3]
        torch.testing.assert_close(part, torch.full((2, 3, 3), (value + 1) / 2))
    assert (picture[2] == 1).all() and (picture[:, 3] == 1).all()  # white gaps
    assert (picture[3:, 8:] == 1).all()  # and the place left over


def test_fewer_images_than_columns():
    assert image_grid(constant([0.0, 0.0]), columns=8, gap=2).shape == (2, 3 * 2 + 2, 3)


def test_values_outside_the_range_are_clipped():
    picture = image_grid(constant([-3.0, 3.0]), gap=0)
    assert picture.unique().tolist() == [0, 1]


def test_show_grid_draws_what_image_grid_makes():
    images = torch.rand(5, 3, 4, 4, requires_grad=True) * 2 - 1
    ax = show_grid(images, columns=2, title="Five")
    shown = torch.from_numpy(ax.images[0].get_array().copy())
    torch.testing.assert_close(shown, image_grid(images, 2), check_dtype=False)
    assert ax.get_title() == "Five" and not ax.axison
    _, given = plt.subplots()
    assert show_grid(images, ax=given) is given


@pytest.mark.parametrize("shape", [(0, 1, 4, 4), (3, 2, 4, 4), (1, 4, 4), (4, 4)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=rf"\(N, 1 or 3, H, W\).*got \({shape[0]}, "):
        image_grid(torch.zeros(shape))
