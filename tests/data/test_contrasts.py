"""ganbook.data.contrasts: the spin echo's values, unpaired domains, lesions where they belong."""

import math

import pytest
import torch

from ganbook.data import contrasts
from ganbook.data.brain import slice_numbers
from ganbook.data.contrasts import (
    FLUID,
    GREY,
    LESION,
    WHITE,
    Tissue,
    bend,
    deep_white_matter,
    lesion_in_t1,
    load_contrasts,
    spin_echo,
    t2_value,
)


@pytest.fixture(scope="module")
def pictures():
    """Ten healthy pictures, ten with lesions."""
    return load_contrasts("test", 20, 64, lesion_share=0.5).tensors


def test_spin_echo_worked_by_hand():
    # TR = T1 recovers 1 - 1/e, TE = T2 leaves 1/e.
    tissue = Tissue(0.5, 1000, 100)
    expected = 0.5 * (1 - math.exp(-1)) * math.exp(-1)
    assert spin_echo(tissue, repetition=1000, echo=100) == pytest.approx(expected, rel=1e-12)
    # All recovered, nothing decayed: the proton density.
    assert spin_echo(tissue, repetition=1e6, echo=1e-6) == pytest.approx(0.5)


def test_the_order_of_tissues_is_reversed():
    t1 = [spin_echo(t, 600, 15) for t in (FLUID, LESION, GREY, WHITE)]
    assert t1 == sorted(t1)
    t2 = [t2_value(t) for t in (WHITE, GREY, LESION, FLUID)]
    assert t2 == sorted(t2) and t2[-1] == 1
    assert t2_value(WHITE) == pytest.approx(2 * 0.1841 / 0.5084 - 1, abs=2e-3)
    assert lesion_in_t1() == pytest.approx(-0.71, abs=0.02)


@pytest.mark.parametrize(("repetition", "echo"), [(0, 10), (600, -1)])
def test_times_are_checked(repetition, echo):
    with pytest.raises(ValueError, match=f"got {repetition} and {echo}"):
        spin_echo(WHITE, repetition, echo)


def test_shapes_and_ranges(pictures):
    t1, t2, labels, lesions = pictures
    assert t1.shape == t2.shape == (20, 1, 64, 64) and t1.dtype == t2.dtype == torch.float32
    assert labels.shape == (20, 64, 64) and labels.unique().tolist() == [0, 1, 2, 3]
    assert lesions.shape == (20, 3, 64, 64)
    assert t1.min() == t2.min() == -1 and t1.max() <= 1 and t2.max() <= 1
    assert lesions.min() == 0 and lesions.max() <= 1


def test_pure_tissue_has_its_signal(pictures):
    t1, t2, labels, _ = (tensor[:10] for tensor in pictures)
    deep = deep_white_matter(labels, margin=2)
    assert t2[deep].median().item() == pytest.approx(t2_value(WHITE), abs=0.03)
    values = [t1[:, 0][labels == k].median().item() for k in (1, 2, 3)]
    assert values == sorted(values)
    values = [t2[:, 0][labels == k].median().item() for k in (3, 2, 1)]
    assert values == sorted(values)


def test_domains_share_no_slice_and_cover_the_same_levels():
    numbers = slice_numbers("train")
    a, b = ([numbers[i] for i in contrasts._places(domain)] for domain in "ab")
    assert not set(a) & set(b)
    assert abs(len(a) - len(b)) <= contrasts.SLAB
    # Each slice of B lies within a slab of one of A.
    assert max(min(abs(x - y) for y in a) for x in b) <= contrasts.SLAB
    assert [slice_numbers("test")[i] for i in contrasts._places("test")] == slice_numbers("test")


def test_lesions_are_in_the_last_pictures_in_white_matter_and_of_the_size_said(pictures):
    _, _, labels, lesions = pictures
    assert (lesions[:10] == 0).all()
    area = (lesions[10:] > 0.5).sum(dim=(2, 3)) * 3**2  # mm^2
    assert area.min() >= 3 * 9 and area.max() <= 300  # ellipses: 50 to 254
    assert 80 < area.float().mean() < 190
    assert (labels[10:][lesions[10:].amax(dim=1) > 0.5] == 3).float().mean() > 0.97
    assert ((lesions > 0.1).sum(dim=1) <= 1).all(), "lesions do not touch"


def test_lesions_are_bright_in_t2_and_dark_in_t1(pictures):
    t1, t2, labels, lesions = (tensor[10:] for tensor in pictures)
    core = lesions.amax(dim=1, keepdim=True) > 0.9
    white = deep_white_matter(labels) & (lesions.amax(dim=1, keepdim=True) == 0)
    assert t2[core].median().item() == pytest.approx(t2_value(LESION), abs=0.1)
    dark = t1[white].median() - t1[core].median()
    assert 0.4 < dark < 0.8


def test_healthy_and_ill_twins_differ_in_the_lesions_only():
    healthy, ill = (load_contrasts("a", 6, 64, share).tensors for share in (0.0, 1.0))
    away = ill[3].amax(dim=1, keepdim=True) == 0
    for k in (0, 1):
        torch.testing.assert_close(healthy[k][away], ill[k][away])
        assert (healthy[k] - ill[k]).abs().max() > 0.1
    assert torch.equal(healthy[2], ill[2])


def test_repeatable_and_different():
    first, again, other = (load_contrasts("a", 4, 32, 0.5, seed=s).tensors for s in (0, 0, 1))
    assert all(map(torch.equal, first, again))
    assert not torch.equal(first[0], other[0])


def test_bend_moves_all_channels_together_and_keeps_values():
    images = torch.rand(3, 1, 32, 32).expand(-1, 2, -1, -1)
    bent = bend(images, torch.Generator().manual_seed(0))
    assert bent.shape == images.shape
    assert torch.equal(bent[:, 0], bent[:, 1]) and not torch.equal(bent, images)
    assert bent.min() >= 0 and bent.max() <= 1
    # A constant stays constant inside.
    flat = bend(torch.ones(2, 1, 32, 32), torch.Generator().manual_seed(1))
    torch.testing.assert_close(flat[..., 12:20, 12:20], torch.ones(2, 1, 8, 8))


def test_deep_white_matter_is_eroded():
    labels = torch.zeros(1, 7, 7, dtype=torch.int64)
    labels[0, 1:6, 1:6] = 3
    expected = torch.zeros(1, 1, 7, 7, dtype=torch.bool)
    expected[..., 2:5, 2:5] = True
    assert torch.equal(deep_white_matter(labels), expected)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"domain": "c"}, "accepted are a, b, test"),
        ({"n": 0}, "n must be at least 1, got 0"),
        ({"size": 16}, "between 32 and 192, got 16"),
        ({"lesion_share": 1.5}, r"lie in \[0, 1\], got 1.5"),
    ],
)
def test_bad_input_is_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        load_contrasts(**wrong)
