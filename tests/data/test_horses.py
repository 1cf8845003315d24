"""ganbook.data.horses: two domains of the same scenery, and scenes that hold the truth."""

import subprocess
import sys

import pytest
import torch

from ganbook.data import horses
from ganbook.data.horses import load_domain, load_scenes

N = 60  # more than one chunk


@pytest.fixture(scope="module")
def domains():
    return {animal: load_domain(animal, N).tensors[0] for animal in ("horse", "zebra")}


@pytest.fixture(scope="module")
def scenes():
    return load_scenes(N).tensors


def test_shapes_and_ranges(domains, scenes):
    for images in (*domains.values(), *scenes[:2]):
        assert images.shape == (N, 3, 64, 64) and images.dtype == torch.float32
        assert -1 <= images.min() < -0.8 and 0.8 < images.max() <= 1
    assert scenes[2].shape == (N, 1, 64, 64)
    assert scenes[2].min() == 0 and scenes[2].max() == 1
    assert load_scenes(2, size=32).tensors[0].shape == (2, 3, 32, 32)


def test_horse_and_zebra_of_a_scene_differ_on_the_animal_only(scenes):
    a, b, mask = scenes
    difference = (a - b).abs()
    assert difference[(mask == 0).expand_as(difference)].max() == 0
    on_animal = (difference * mask).sum(dim=(1, 2, 3)) / mask.sum(dim=(1, 2, 3)) / 3
    assert (on_animal > 0.4).all() and (on_animal < 0.8).all()  # of a range of 2


def test_no_scene_comes_twice(domains, scenes):
    """Neither within a domain nor in two, nor in train and test: compare the skies' top rows."""
    tops = [images[:, :, :4] for images in (*domains.values(), scenes[0])]
    tops += [load_domain("horse", N, seed=1).tensors[0][:, :, :4]]
    tops = torch.cat(tops).flatten(1)
    distances = torch.cdist(tops, tops) + 100 * torch.eye(len(tops))
    assert distances.min() > 0.05


def test_both_domains_have_the_same_scenery():
    """Means of the corners, where no animal is, agree within their standard errors."""
    means, errors = [], []
    for animal in ("horse", "zebra"):
        images = load_domain(animal, 300).tensors[0]
        corners = torch.cat([images[:, :, :6].mean(dim=(2, 3)), images[:, :, -4:].mean((2, 3))], 1)
        means.append(corners.mean(dim=0))
        errors.append(corners.std(dim=0) / 300**0.5)
    assert ((means[0] - means[1]).abs() < 4 * (errors[0] ** 2 + errors[1] ** 2).sqrt()).all()
    sky, grass = means[0][:3], means[0][3:]
    assert sky[2] > sky[1] > sky[0]  # blue above
    assert grass[1] > grass[0] > grass[2]  # green below


def test_poses_vary_and_the_animal_fills_the_picture():
    mask = load_scenes(200).tensors[2]
    share = mask.mean(dim=(1, 2, 3))
    assert share.min() > 0.18 and 0.22 < share.mean() < 0.25 and share.max() < 0.3
    columns = mask.amax(dim=(1, 2)) > 0.5
    width = columns.sum(dim=1)
    assert width.min() >= 48 and width.max() >= 60
    assert (mask[:, :, [0, -1]].amax(dim=(1, 2, 3)) == 0).all()  # never cut above or below
    cut = (mask[:, :, :, [0, -1]].amax(dim=(1, 2, 3)) > 0.2).float().mean()
    assert cut < 0.05
    # The head looks to the left about as often as to the right: more of the animal is high there.
    high = mask[:, 0, :24].sum(dim=1)
    left = (high[:, :32].sum(dim=1) > high[:, 32:].sum(dim=1)).float().mean()
    assert abs(left - 0.5) < 5 * (0.25 / 200) ** 0.5


def test_the_animals_can_be_told_apart_by_their_colour(scenes):
    a, b, mask = scenes
    weight = mask / mask.sum(dim=(2, 3), keepdim=True)
    horse, zebra = ((images * weight).sum(dim=(2, 3)) for images in (a, b))
    assert (horse[:, 0] - horse[:, 2] > 0.25).all()  # brown: red above blue
    assert ((zebra[:, 0] - zebra[:, 2]).abs() < 0.2).all()
    # Stripes survive the size of 64: neighbours on the animal differ much more in the zebra.
    inside = (mask[..., 1:] > 0.99) & (mask[..., :-1] > 0.99)
    steps = [((x[..., 1:] - x[..., :-1]).abs() * inside).sum() / (3 * inside.sum()) for x in (a, b)]
    assert steps[1] > 4 * steps[0]


def test_the_same_arguments_give_the_same_scenes(domains, scenes):
    state = torch.get_rng_state()
    assert torch.equal(load_domain("zebra", N).tensors[0], domains["zebra"])
    # More scenes continue fewer, also within a chunk of those drawn at once.
    assert torch.equal(load_domain("zebra", 7).tensors[0], domains["zebra"][:7])
    for one, other in zip(load_scenes(7).tensors, scenes):
        assert torch.equal(one, other[:7])
    assert torch.equal(torch.get_rng_state(), state)


def test_another_size_shows_the_same_scene():
    small, large = (load_scenes(5, size=size).tensors for size in (32, 64))
    shrunk = torch.nn.functional.avg_pool2d(large[2], 2)
    assert (small[2] - shrunk).abs().mean() < 0.02
    for one, other in zip(small[:2], large[:2]):
        assert (one - torch.nn.functional.avg_pool2d(other, 2)).abs().mean() < 0.12


def test_bad_input():
    with pytest.raises(ValueError, match="animal is 'donkey'; accepted are horse, zebra"):
        load_domain("donkey")
    for arguments, message in (
        ({"n": 0}, "n must be at least 1, got 0"),
        ({"size": 0}, "size must be at least 1, got 0"),
        ({"seed": -2}, "seed must be at least 0, got -2"),
    ):
        with pytest.raises(ValueError, match=message):
            load_scenes(**arguments)
        with pytest.raises(ValueError, match=message):
            load_domain("horse", **arguments)


def test_neither_torchvision_nor_scikit_image_is_imported():
    code = (
        "import sys; from ganbook.data.horses import load_scenes; load_scenes(1, 16);"
        "print(*({'torchvision', 'skimage', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_mixing_colours():
    amount = torch.tensor([0.0, 0.5, 1.0]).view(1, 1, 1, 3)
    mixed = horses._mix((0.0, 0.2, 1.0), (1.0, 0.4, 0.0), amount)
    expected = torch.tensor([[0, 0.5, 1], [0.2, 0.3, 0.4], [1, 0.5, 0]])
    torch.testing.assert_close(mixed, expected.view(1, 3, 1, 3))
