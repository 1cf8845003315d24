"""ganbook.train.complete: holes, and small images; nothing but a folder of images is given."""

import pytest
import torch
from torch.nn.functional import interpolate

from ganbook.data.resolution import shrink
from ganbook.train.settings import as_json
from tests.train.pictures import folder_for, options


@pytest.fixture
def data(tmp_path):
    return folder_for("inpainting", tmp_path)


def test_inpainting(data):
    given = options("inpainting", data, "--steps", "9", "--stroke-share", "0.25")
    recipe = given.recipe(given, (0, 1))
    config = recipe.config
    assert (config.in_channels, config.out_channels, config.size) == (4, 3, 16)
    assert (config.downs, config.discriminator_layers, config.steps) == (3, 1, 9)
    assert config.stroke_share == 0.25
    assert next(recipe.batches)[0].shape == (4, 3, 16, 16)
    assert len(recipe.files) == recipe.measurable == 12
    state = recipe.build(config)
    sheet = recipe.show(state)
    assert sheet.shape == (8 * 3, 3, 16, 16) and recipe.columns == 3
    damaged, painted, whole = sheet[0::3], sheet[1::3], sheet[2::3]
    torch.testing.assert_close(whole[0], recipe.real([0])[0], rtol=0, atol=0)
    holes = (damaged == 0).all(1, keepdim=True).float()
    assert (holes.mean((1, 2, 3)) > 0).all()
    known = (1 - holes).expand_as(whole).bool()
    assert torch.equal(painted[known], whole[known]) and not torch.equal(painted, damaged)
    assert torch.equal(damaged, whole * (1 - holes))
    torch.testing.assert_close(painted, state.inpaint(whole, holes))


def test_an_image_is_shown_and_measured_with_the_same_hole(data):
    given = options("inpainting", data)
    recipe = given.recipe(given, (0, 1))
    state = recipe.build(recipe.config)
    before = torch.get_rng_state()
    sheet = recipe.show(state)
    assert torch.equal(sheet, recipe.show(state))
    torch.testing.assert_close(recipe.fake(state, [11, 0]), sheet[[22, 1]])
    assert torch.equal(torch.get_rng_state(), before)
    holes = (sheet[0::3] == 0).all(1)
    assert len(holes.unique(dim=0)) == 8
    given = options("inpainting", data, "--seed", "1")
    assert not torch.equal(given.recipe(given, (0, 1)).show(state)[0::3], sheet[0::3])


@pytest.mark.parametrize("factor", [2, 4])
def test_srgan(data, factor):
    given = options("srgan", data, "--steps", "9", "--factor", factor)
    recipe = given.recipe(given, (0, 1))
    config = recipe.config
    assert (config.channels, config.size, config.factor) == (3, 16, factor)
    assert (config.discriminator_layers, config.steps) == (1, 9)
    assert next(recipe.batches)[0].shape == (4, 3, 16, 16)
    assert len(recipe.files) == recipe.measurable == 12
    state = recipe.build(config)
    assert state.describe is None
    sheet = recipe.show(state)
    assert sheet.shape == (8 * 3, 3, 16, 16) and recipe.columns == 3
    small = shrink(sheet[2::3], factor)
    torch.testing.assert_close(sheet[2], recipe.real([0])[0])
    torch.testing.assert_close(sheet[0::3], interpolate(small, scale_factor=factor))
    torch.testing.assert_close(sheet[1::3], state.enlarge(small))
    torch.testing.assert_close(recipe.fake(state, [11, 0]), sheet[[22, 1]])


def test_a_perceptual_loss_looks_through_vgg(data):
    given = options("srgan", data, "--perceptual-weight", "0.5")
    recipe = given.recipe(given, (0, 1))
    torch.manual_seed(0)
    state = recipe.build(recipe.config)
    after = torch.get_rng_state()
    assert "perceptual" in recipe.step(state, next(recipe.batches))
    assert as_json(recipe.config)["perceptual_layers"] == ("relu2_2",)
    given = options("srgan", data)
    plain = given.recipe(given, (0, 1))
    torch.manual_seed(0)
    plain.build(plain.config)
    assert torch.equal(torch.get_rng_state(), after)  # VGG was built before: the seed is the run's
    gray = options("srgan", data, "--perceptual-weight", "0.5", "--gray")
    with pytest.raises(ValueError, match="--perceptual-weight above 0 needs colour"):
        gray.recipe(gray, (0, 1))


@pytest.mark.parametrize(("gan", "channels"), [("inpainting", (2, 1)), ("srgan", (1,))])
def test_gray_images(data, gan, channels):
    given = options(gan, data, "--gray")
    recipe = given.recipe(given, (0, 1))
    config = as_json(recipe.config)
    names = ("in_channels", "out_channels", "channels")
    assert tuple(config[name] for name in names if name in config) == channels
    state = recipe.build(recipe.config)
    recipe.step(state, next(recipe.batches))
    assert recipe.show(state).shape == (24, 1, 16, 16)


@pytest.mark.parametrize("gan", ["inpainting", "srgan"])
def test_too_few_images(data, gan):
    given = options(gan, data, "--batch-size", "13")
    with pytest.raises(ValueError, match="has 12 images, fewer than one batch of 13"):
        given.recipe(given, (0, 1))
