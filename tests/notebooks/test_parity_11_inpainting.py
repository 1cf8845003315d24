"""What part 1 of chapter 11 (inpainting) builds by hand equals ganbook's and SciPy's."""

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve
from torch import nn

from ganbook.data.masks import random_masks, random_strokes, square_mask, stroke_masks
from ganbook.gans import inpainting
from ganbook.models.inpainter import Inpainter, hide
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "11_applications.ipynb"
NAMES = [
    "hide_by_hand",
    "InpainterByHand",
    "stroke_by_hand",
    "laplace_fill",
    "inpainting_step",
    "search_latents",
]


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, NAMES)


def images(n=3, channels=3, size=16):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(n, channels, size, size, generator=generator) * 2 - 1


def test_hiding_and_composing_are_the_packages(chapter):
    painter, masks = nn.Conv2d(4, 3, 3, padding=1), random_masks(3, 16)
    for m in (masks, square_mask(16, 6)):
        inputs = chapter.hide_by_hand(images(), m)
        assert torch.equal(inputs, hide(images(), m))
        assert torch.equal(chapter.InpainterByHand(painter)(inputs), Inpainter(painter)(inputs))


def test_strokes_are_the_packages(chapter):
    points = torch.rand(5, 4, 2, generator=torch.Generator().manual_seed(1)) * 32
    for corners, width in zip(points, (2.0, 3.3, 5.0, 7.7, 11.0), strict=True):
        mask = stroke_masks(corners[None], torch.tensor([width]), 32)
        assert torch.equal(chapter.stroke_by_hand(corners, width, 32), mask)


def test_a_step_is_the_packages(chapter):
    config = inpainting.Config(
        size=16, width=4, downs=3, discriminator_width=4, discriminator_layers=1
    )
    states = []
    for _ in range(2):
        torch.manual_seed(0)
        states.append(inpainting.build(config))
    packaged, twin = states
    for k in range(3):
        torch.manual_seed(k)
        metrics = inpainting.step(packaged, (images(4),))
        torch.manual_seed(k)
        losses = chapter.inpainting_step(
            twin.generator,
            twin.discriminator,
            twin.generator_optimizer,
            twin.discriminator_optimizer,
            images(4),
            random_masks(4, 16),
        )
        assert losses == pytest.approx([metrics["d_loss"].item(), metrics["g_loss"].item()])
    torch.testing.assert_close(twin.generator.state_dict(), packaged.generator.state_dict())
    torch.testing.assert_close(twin.discriminator.state_dict(), packaged.discriminator.state_dict())


def harmonic_twin(image, hole):
    """The same equations, pixel by pixel, solved by SciPy; for one channel."""
    places = {tuple(p): k for k, p in enumerate(np.argwhere(hole))}
    matrix, right = lil_matrix((len(places), len(places))), np.zeros(len(places))
    for (row, column), k in places.items():
        for r, c in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
            if 0 <= r < hole.shape[0] and 0 <= c < hole.shape[1]:
                matrix[k, k] += 1
                if (r, c) in places:
                    matrix[k, places[r, c]] -= 1
                else:
                    right[k] += image[r, c]
    filled = image.copy()
    filled[tuple(zip(*places, strict=True))] = spsolve(matrix.tocsc(), right)
    return filled


@pytest.mark.parametrize("kind", ["square", "strokes", "border"])
def test_the_harmonic_filling_is_scipys(chapter, kind):
    masks = {
        "square": square_mask(16, 7),
        "strokes": random_strokes(1, 16, torch.Generator().manual_seed(2)),
        "border": torch.zeros(1, 1, 16, 16).index_fill_(3, torch.arange(4), 1),
    }
    filled = chapter.laplace_fill(images(2), masks[kind])
    for out, image in zip(filled.flatten(0, 1), images(2).flatten(0, 1), strict=True):
        expected = harmonic_twin(image.numpy().astype(float), masks[kind][0, 0].numpy() == 1)
        np.testing.assert_allclose(out.numpy(), expected, atol=1e-5)


def test_a_hole_of_one_pixel_gets_the_mean_of_its_neighbours(chapter):
    image = torch.tensor([[[[9.0, 1.0, 9.0], [2.0, 7.0, 3.0], [9.0, 6.0, 9.0]]]])
    assert chapter.laplace_fill(image, square_mask(3, 1))[0, 0, 1, 1] == 3


def test_the_search_finds_a_picture_that_agrees_where_it_is_known(chapter):
    class Painter(nn.Module):
        """Two latents: the grey of the left half, and of the right."""

        def forward(self, z):
            halves = z[:, :2].tanh().view(-1, 1, 1, 2)
            return halves.repeat_interleave(8, dim=3).expand(-1, 3, 16, -1)

    torch.manual_seed(0)
    image, mask = torch.full((1, 3, 16, 16), 0.5), torch.zeros(1, 1, 16, 16)
    mask[..., 8:] = 1  # nothing is known of the right half
    z = chapter.search_latents(Painter(), image, mask, starts=6, steps=200, prior=0.0)
    assert z.shape == (6, 100) and not z.requires_grad
    found = z[:, :2].tanh()
    torch.testing.assert_close(found[:, 0], torch.full((6,), 0.5), atol=0.05, rtol=0)
    assert found[:, 1].std() > 0.2
