"""ganbook.train.between_images: pairs, and two sets."""

import pytest
import torch

from tests.train.pictures import folder_for, noise_folder, nothing, options


def test_pix2pix_from_pairs_side_by_side(tmp_path):
    given = options("pix2pix", folder_for("pix2pix", tmp_path), "--steps", "9")
    recipe = given.recipe(given, (0, 1))
    config = recipe.config
    assert (config.size, config.downs, config.discriminator_layers) == (16, 3, 1)
    assert config.steps == 9  # the rate falls in the run's second half
    inputs, targets = next(recipe.batches)
    assert inputs.shape == targets.shape == (4, 3, 16, 16)
    assert len(recipe.files) == recipe.measurable == 12
    state = recipe.build(config)
    sheet = recipe.show(state)
    assert sheet.shape == (8 * 3, 3, 16, 16) and recipe.columns == 3
    torch.testing.assert_close(sheet[1::3], state.translate(sheet[0::3]))
    torch.testing.assert_close(sheet[2], recipe.real([0])[0])
    torch.testing.assert_close(recipe.fake(state, [0])[0], sheet[1])


def test_pix2pix_from_two_folders(tmp_path):
    for k, name in enumerate(("in", "out")):
        noise_folder(tmp_path / name, 5, seed=k)
    two = {"data": None, "inputs": tmp_path / "in", "targets": tmp_path / "out"}
    given = nothing(**{**vars(options("pix2pix", "unused")), **two, "augment": True})
    recipe = given.recipe(given, (0, 1))
    assert len(recipe.files) == 10 and recipe.measurable == 5
    assert next(recipe.batches)[1].shape == (4, 3, 16, 16)
    torch.testing.assert_close(recipe.real([0]), recipe.real([0]))  # never augmented
    for wrong in ({"data": tmp_path}, {"targets": None}, {"inputs": None, "targets": None}):
        bad = nothing(**{**vars(given), **wrong})
        with pytest.raises(
            ValueError, match=r"pix2pix needs pairs: give --data .* or --inputs and"
        ):
            bad.recipe(bad, (0, 1))


def test_cyclegan(tmp_path):
    given = options("cyclegan", folder_for("cyclegan", tmp_path), "--steps", "9")
    recipe = given.recipe(given, (0, 1))
    config = recipe.config
    assert (config.steps, config.constant_steps, config.blocks) == (9, 4, 1)
    assert len(recipe.files) == 25 and recipe.measurable == 12
    a, b = next(recipe.batches)
    assert a.shape == b.shape == (4, 3, 16, 16)
    state = recipe.build(config)
    sheet = recipe.show(state)
    assert sheet.shape == (8 * 4, 3, 16, 16) and recipe.columns == 4
    torch.testing.assert_close(sheet[1::4], state.translate(sheet[0::4], "b"))
    torch.testing.assert_close(sheet[3::4], state.translate(sheet[2::4], "a"))
    torch.testing.assert_close(recipe.fake(state, [0])[0], sheet[1])
    torch.testing.assert_close(recipe.real([0])[0], sheet[2])


def test_a_domain_that_is_missing_or_too_small(tmp_path):
    given = options("cyclegan", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*trainA"):
        given.recipe(given, (0, 1))
    noise_folder(tmp_path / "trainA", 4), noise_folder(tmp_path / "trainB", 3)
    with pytest.raises(ValueError, match="trainB has 3 images, fewer than one batch of 4"):
        given.recipe(given, (0, 1))
