"""ganbook.train.with_labels: classes from folders."""

import torch

from ganbook.gans import conditional
from ganbook.train.with_labels import COLUMNS
from tests.train.pictures import folder_for, options


def test_the_classes_come_from_the_folders(tmp_path):
    given = options("conditional", folder_for("conditional", tmp_path), "--gray")
    recipe = given.recipe(given, (0, 1))
    small = {"size": 16, "width": 4, "latent_dim": 4, "embedding_dim": 2}
    assert recipe.config == conditional.Config(classes=(2,), channels=1, **small)
    images, labels = next(recipe.batches)
    assert images.shape == (4, 1, 16, 16) and labels.dtype == torch.int64
    state = recipe.build(recipe.config)
    recipe.step(state, (images, labels))
    assert recipe.show(state).shape == (2 * COLUMNS, 1, 16, 16)  # a row a class
    assert recipe.fake(state, [0, 11]).shape == recipe.real([0, 11]).shape == (2, 1, 16, 16)


def test_measured_are_images_of_the_labels_of_the_real_ones(tmp_path, monkeypatch):
    given = options("conditional", folder_for("conditional", tmp_path))
    recipe = given.recipe(given, (0, 1))
    asked = []
    state = recipe.build(recipe.config)
    monkeypatch.setattr(type(state), "generate", lambda self, z, labels: asked.append(labels))
    recipe.fake(state, [0, 5, 6, 11])
    assert asked[0].tolist() == [0, 0, 1, 1]
