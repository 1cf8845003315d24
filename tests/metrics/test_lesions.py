"""ganbook.metrics.lesions: what is found, missed and invented, on pictures worked by hand."""

import math

import pytest
import torch

from ganbook.metrics.lesions import lesion_report


def scene():
    """Two pictures of 16 x 16: one with two lesions of 3 x 3, one healthy; dark is -0.5."""
    images = torch.full((2, 1, 16, 16), -0.5)
    lesions = torch.zeros(2, 3, 16, 16)
    lesions[0, 0, 2:5, 2:5] = 1
    lesions[0, 1, 10:13, 10:13] = 1
    where = torch.ones(2, 1, 16, 16, dtype=torch.bool)
    return images, lesions, where


def test_all_found():
    images, lesions, where = scene()
    images[0, 0][lesions[0].amax(dim=0) > 0.5] = 0.75
    report = lesion_report(images, lesions, where, 0.0)
    assert report.found == 1 and report.invented == 0 and report.false_spots == 0
    assert report.contrast == pytest.approx(1.25)


def test_half_of_the_core_decides():
    images, lesions, where = scene()
    images[0, 0, 2:5, 2:5] = torch.tensor([[1.0, 1, 1], [1, 1, -0.5], [-0.5, -0.5, -0.5]])  # 5 of 9
    images[0, 0, 10:13, 10:13] = torch.tensor([[1.0, 1, 1], [1, -0.5, -0.5], [-0.5, -0.5, -0.5]])
    report = lesion_report(images, lesions, where, 0.0)
    assert report.found == 0.5
    assert report.contrast == pytest.approx(1.5 * (5 / 9 + 4 / 9) / 2)


def test_removed_and_invented():
    images, lesions, where = scene()
    images[1, 0, 7:9, 7:9] = 1  # 2 x 2
    report = lesion_report(images, lesions, where, 0.0)
    assert report.found == 0 and report.contrast == 0
    assert report.invented == 1 and report.false_spots == 0.5


def test_a_spot_needs_two_by_two_pixels_in_the_places_searched():
    images, lesions, where = scene()
    images[1, 0, 7, 3:12] = 1  # a line
    assert lesion_report(images, lesions, where, 0.0).invented == 0
    images[1, 0, 8, 3:12] = 1
    assert lesion_report(images, lesions, where, 0.0).invented == 1
    where[1, 0, 7] = False
    assert lesion_report(images, lesions, where, 0.0).invented == 0


def test_the_rim_of_a_true_lesion_is_no_invention():
    images, lesions, where = scene()
    images[0, 0, 1:6, 1:6] = 1  # one pixel larger all around
    assert lesion_report(images, lesions, where, 0.0).false_spots == 0
    images[0, 0, 1:9, 1:9] = 1
    assert lesion_report(images, lesions, where, 0.0).false_spots == 0.5


def test_nothing_to_count_is_nan():
    images, lesions, where = scene()
    healthy = lesion_report(images[1:], lesions[1:], where[1:], 0.0)
    assert math.isnan(healthy.found) and math.isnan(healthy.contrast) and healthy.invented == 0
    ill = lesion_report(images[:1], lesions[:1], where[:1], 0.0)
    assert math.isnan(ill.invented) and ill.found == 0


def test_pictures_are_judged_one_by_one():
    images, lesions, where = scene()
    images = images + torch.rand(2, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    twice = [torch.cat([t, t]) for t in (images, lesions, where)]
    once = lesion_report(images, lesions, where, 0.0)
    both = lesion_report(*twice, 0.0)
    assert both.found == once.found and both.invented == once.invented
    assert both.contrast == pytest.approx(once.contrast, rel=1e-6)


@pytest.mark.parametrize(
    ("position", "wrong", "message"),
    [
        (0, torch.zeros(2, 3, 16, 16), r"images must have shape \(N, 1, H, W\)"),
        (0, torch.zeros(16, 16), r"images must have shape \(N, 1, H, W\)"),
        (1, torch.zeros(2, 3, 8, 8), r"lesions must have shape \(2, K, 16, 16\)"),
        (2, torch.zeros(2, 1, 16, 16), "where must be bool"),
        (2, torch.zeros(2, 16, 16, dtype=torch.bool), "where must be bool of shape"),
    ],
)
def test_bad_input_is_named(position, wrong, message):
    arguments = list(scene())
    arguments[position] = wrong
    with pytest.raises(ValueError, match=message):
        lesion_report(*arguments, 0.0)
