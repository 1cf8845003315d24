"""ganbook.models.inpainter: holes in, holes painted, all else kept; the shipped weights."""

import pytest
import torch
from torch import nn

from ganbook.data.edges import HELD_OUT
from ganbook.data.emoji import describe_portraits, load_portraits
from ganbook.data.masks import random_masks, square_mask
from ganbook.metrics.image_quality import mean_absolute_error
from ganbook.models.inpainter import FILES, SIZE, Inpainter, hide, load_inpainter
from ganbook.models.unet import UNet


def images(n=3, channels=3, size=16):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(n, channels, size, size, generator=generator) * 2 - 1


def test_hiding_by_hand():
    image = torch.tensor([[[[0.5, -1.0], [1.0, 0.25]]]])
    mask = torch.tensor([[[[0.0, 1.0], [0.0, 0.0]]]])
    expected = torch.tensor([[[[0.5, 0.0], [1.0, 0.25]], [[0.0, 1.0], [0.0, 0.0]]]])
    assert torch.equal(hide(image, mask), expected)


def test_nothing_of_what_is_hidden_gets_through():
    masks, (first, other) = random_masks(3, 16), (images(), -images())
    mixed = torch.where(masks == 1, other, first)
    assert torch.equal(hide(first, masks), hide(mixed, masks))


def test_one_mask_serves_all_images():
    mask = square_mask(16, 6)
    assert torch.equal(hide(images(), mask), hide(images(), mask.expand(3, -1, -1, -1)))


def test_known_pixels_stay_to_the_bit_and_the_hole_is_the_networks():
    painter = nn.Conv2d(4, 3, 3, padding=1)
    masks, x = random_masks(3, 16), images()
    out = Inpainter(painter).inpaint(x, masks)
    assert torch.equal(out[masks.expand_as(x) == 0], x[masks.expand_as(x) == 0])
    hole = masks.expand_as(x) == 1
    assert torch.equal(out[hole], painter(hide(x, masks))[hole])


def test_gradients_come_from_the_hole_alone():
    painted = torch.zeros(1, 3, 16, 16, requires_grad=True)

    class Constant(nn.Module):
        def forward(self, inputs):
            return painted

    mask = square_mask(16, 6)
    Inpainter(Constant()).inpaint(images(1), mask).sum().backward()
    assert torch.equal(painted.grad, mask.expand(1, 3, -1, -1))


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        (torch.zeros(2, 1, 16, 16), r"masks must have shape \(3 or 1, 1, 16, 16\), got \(2, 1, 16"),
        (torch.zeros(3, 3, 16, 16), r"got \(3, 3, 16, 16\)"),
        (torch.zeros(3, 16, 16), r"got \(3, 16, 16\)"),
        (torch.zeros(1, 1, 8, 16), r"got \(1, 1, 8, 16\)"),
        (torch.full((1, 1, 16, 16), 0.5), "1 in the hole and 0 elsewhere"),
        (torch.full((1, 1, 16, 16), float("nan")), "1 in the hole and 0 elsewhere"),
        (torch.full((1, 1, 16, 16), 255.0), "1 in the hole and 0 elsewhere"),
    ],
)
def test_what_is_no_mask_is_refused(masks, message):
    with pytest.raises(ValueError, match=message):
        hide(images(), masks)


def test_masks_of_booleans_are_fine():
    mask = square_mask(16, 6)
    assert torch.equal(hide(images(), mask.bool()), hide(images(), mask))


@pytest.fixture(scope="module", params=[True, False], ids=["gan", "l1"])
def inpainter(request):
    return load_inpainter(request.param)


@pytest.fixture(scope="module")
def held_out():
    test = torch.tensor([HELD_OUT.get(p.look) == p.person for p in describe_portraits()])
    return load_portraits(SIZE).tensors[0][test]


def test_the_shipped_inpainters_are_frozen_and_in_float32(inpainter):
    assert isinstance(inpainter.network, UNet) and not inpainter.training
    assert not any(p.requires_grad for p in inpainter.parameters())
    assert {p.dtype for p in inpainter.parameters()} == {torch.float32}


def middle(*images):
    return (t[..., 16:48, 16:48] for t in images)


def test_held_out_faces_are_painted_nearer_the_truth_than_their_mean_face(inpainter, held_out):
    hole = square_mask(SIZE, 32)
    mean_face = held_out.mean(dim=0, keepdim=True).expand_as(held_out)
    found, mean, grey = (
        mean_absolute_error(*middle(painted, held_out)).mean().item()
        for painted in (inpainter.inpaint(held_out, hole), mean_face, held_out * (1 - hole))
    )
    assert 0.02 < found < 0.6 * mean and mean < grey


def test_the_gan_alone_is_as_sharp_in_the_hole_as_drawings_are(held_out):
    hole, energy = square_mask(SIZE, 32), []
    for images in (*(load_inpainter(gan).inpaint(held_out, hole) for gan in FILES), held_out):
        (crop,) = middle(images)
        energy.append(crop.diff(dim=-1).square().mean().item())
    assert 0.6 < energy[0] / energy[2] < 1.3
    assert energy[1] < 0.7 * energy[0]
