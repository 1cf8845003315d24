"""ganbook.models.edges_to_portraits and the weights that ship with the package."""

import pytest
import torch

from ganbook.data.edges import load_edges_to_portraits
from ganbook.metrics.image_quality import mean_absolute_error
from ganbook.models.edges_to_portraits import SIZE, load_edges_to_portraits_generator


@pytest.fixture(scope="module")
def generator():
    return load_edges_to_portraits_generator()


@pytest.fixture(scope="module")
def held_out():
    return load_edges_to_portraits("test", SIZE).tensors


def test_the_shipped_generator_is_frozen_and_in_float32(generator):
    assert not generator.training
    assert not any(p.requires_grad for p in generator.parameters())
    assert {p.dtype for p in generator.parameters()} == {torch.float32}


def test_held_out_lines_become_portraits_nearer_the_truth_than_other_portraits(generator, held_out):
    edges, drawings = held_out
    images = generator(edges)
    error = mean_absolute_error(images, drawings).mean().item()
    assert 0.1 < error < 0.2  # the tone cannot be known; 0.37 for the median drawing
    others = mean_absolute_error(images, drawings.roll(7, 0)).mean().item()
    assert others > 1.5 * error


def test_it_is_as_sharp_as_drawings_are(generator, held_out):
    edges, drawings = held_out
    energy = [i.diff(dim=-1).square().mean().item() for i in (generator(edges), drawings)]
    assert 0.8 < energy[0] / energy[1] < 1.2


def test_a_blank_page_stays_nearly_blank(generator):
    assert generator(torch.ones(1, 1, SIZE, SIZE)).mean() > 0.7
