"""ganbook.nn.shift: real and generated images moved alike, differentiably."""

import pytest
import torch

from ganbook.models.dcgan import DCGANDiscriminator
from ganbook.nn.shift import RandomShift


def test_each_image_is_one_of_the_possible_shifts_with_a_repeated_border():
    torch.manual_seed(0)
    image = torch.arange(5.0 * 4).view(1, 1, 5, 4)
    rows, columns = torch.arange(5), torch.arange(4)
    possible = {
        (down, right): image[..., (rows + down).clamp(0, 4), :][..., (columns + right).clamp(0, 3)]
        for down in range(-2, 3)
        for right in range(-2, 3)
    }
    seen = set()
    for moved in RandomShift(2)(image.expand(400, -1, -1, -1)):
        (offset,) = [key for key, value in possible.items() if torch.equal(value[0], moved)]
        seen.add(offset)
    assert seen == set(possible)  # 25 shifts, each about 16 times in 400


def test_in_eval_mode_and_at_zero_images_stay_as_they_are():
    images = torch.randn(4, 3, 8, 8)
    assert RandomShift(3).eval()(images) is images
    assert RandomShift(0)(images) is images


def test_the_gradient_arrives_at_the_pixels_that_are_seen():
    torch.manual_seed(1)
    images = torch.randn(6, 2, 8, 8, requires_grad=True)
    RandomShift(3)(images).sum().backward()
    # Every output pixel passes its gradient of 1 to the one input pixel that it shows.
    assert images.grad.sum().item() == 6 * 2 * 8 * 8
    assert images.grad.min().item() == 0  # a pixel pushed out of view gets nothing


def test_negative_shifts_are_refused():
    with pytest.raises(ValueError, match="pixels must not be negative, got -1"):
        RandomShift(-1)


def test_the_discriminator_sees_moved_images_only_while_training():
    torch.manual_seed(0)
    still = DCGANDiscriminator(1, 16, 4).eval()
    shifting = DCGANDiscriminator(1, 16, 4, shift=4)
    shifting.load_state_dict(still.state_dict())
    images = torch.randn(8, 1, 16, 16)
    assert torch.equal(shifting.eval()(images), still(images))
    assert not torch.equal(shifting.train()(images), still.train()(images))
