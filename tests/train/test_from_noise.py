"""ganbook.train.from_noise: what the options and the folder make of vanilla, DCGAN and the rest."""

import pytest
import torch

from ganbook.gans import dcgan, stable, vanilla
from ganbook.train import from_noise
from tests.train.pictures import folder_for, options


def recipe_of(gan, data, *more, share=(0, 1)):
    given = options(gan, data, *more)
    return given.recipe(given, share)


@pytest.fixture
def data(tmp_path):
    return folder_for("dcgan", tmp_path)


def test_vanilla_and_dcgan(data):
    recipe = recipe_of("vanilla", data, "--gray")
    assert recipe.config == vanilla.Config(sample_shape=(1, 16, 16), latent_dim=4, hidden=8)
    recipe = recipe_of("dcgan", data, "--shift", "2")
    assert recipe.config == dcgan.Config(size=16, latent_dim=4, width=4, shift=2)
    assert (recipe.build, recipe.step, recipe.columns) == (dcgan.build, dcgan.step, 8)
    assert next(recipe.batches)[0].shape == (4, 3, 16, 16)
    assert len(recipe.files) == recipe.measurable == 12


@pytest.mark.parametrize(
    ("gan", "preset", "n_critic"),
    [
        ("wgan-gp", stable.wgan_gp, 2),
        ("wgan-clip", stable.wgan_clip, 2),
        ("sngan", stable.sngan, 1),
    ],
)
def test_the_stable_ones_are_their_presets_for_images(data, gan, preset, n_critic):
    recipe = recipe_of(gan, data)
    shape = (3, 16, 16)
    assert recipe.config == preset(sample_shape=shape, latent_dim=4, width=4, n_critic=n_critic)
    assert len(next(recipe.batches)[0]) == 4 * n_critic  # 4 images an update
    assert recipe.step is stable.step


def test_a_schedule_gets_the_length_of_the_run(data):
    config = recipe_of("lsgan", data, "--schedule", "cosine", "--steps", "77").config
    assert (config.schedule, config.schedule_steps) == ("cosine", 77)
    assert recipe_of("lsgan", data, "--steps", "77").config.schedule_steps == 0


def test_shown_and_measured_are_the_same_noise_every_time(data):
    recipe = recipe_of("dcgan", data)
    state = recipe.build(recipe.config)
    before = torch.get_rng_state()
    assert recipe.show(state).shape == (from_noise.SHOWN, 3, 16, 16)
    torch.testing.assert_close(recipe.fake(state, [2, 0]), recipe.show(state)[[2, 0]])
    assert torch.equal(torch.get_rng_state(), before)
    real = recipe.real([2, 0])
    assert real.shape == (2, 3, 16, 16) and -1 <= real.min() < real.max() <= 1


def test_a_share_of_the_batch(data):
    whole = next(recipe_of("dcgan", data).batches)[0]
    parts = [next(recipe_of("dcgan", data, share=(k, 2)).batches)[0] for k in (0, 1)]
    torch.testing.assert_close(torch.cat(parts), whole, rtol=0, atol=0)


def test_too_few_images(data):
    with pytest.raises(ValueError, match="has 12 images, fewer than one batch of 13"):
        recipe_of("dcgan", data, "--batch-size", "13")
    with pytest.raises(ValueError, match="has 12 images, fewer than one batch of 20"):
        recipe_of("wgan-gp", data, "--n-critic", "5")
