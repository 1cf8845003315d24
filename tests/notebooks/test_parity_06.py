"""What chapter 06 builds by hand equals ganbook's."""

from pathlib import Path

import pytest
import torch

from ganbook.data.emoji import is_held_out, portrait_labels
from ganbook.gans import conditional
from ganbook.losses.auxiliary import label_loss
from ganbook.models.conditional import LabelEmbedding
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "06_conditional_gan.ipynb"
NAMES = [
    "Embed",
    "Generator",
    "convolutions",
    "Concat",
    "Projection",
    "Auxiliary",
    "classification_loss",
    "conditional_step",
    "balanced",
    "best_value",
    "find",
]
BY_HAND = {"concat": "Concat", "projection": "Projection", "auxiliary": "Auxiliary"}
CLASSES = (3, 4)


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, NAMES)


def copy_weights(source, target):
    values = source.state_dict().values()
    target.load_state_dict(dict(zip(target.state_dict(), values, strict=True)))


def test_the_embedding_is_the_packages(chapter):
    packaged, by_hand = LabelEmbedding(CLASSES, 5), chapter.Embed(CLASSES, 5)
    copy_weights(packaged, by_hand)
    labels = torch.tensor([[0, 3], [2, 0]])
    assert torch.equal(by_hand(labels), packaged(labels))


@pytest.mark.parametrize("kind", BY_HAND)
def test_networks_and_steps_are_the_packages(chapter, kind):
    torch.manual_seed(0)
    config = conditional.Config(
        classes=CLASSES, discriminator=kind, channels=3, latent_dim=6, embedding_dim=2, width=4
    )
    state = conditional.build(config)
    G = chapter.Generator(CLASSES, 6, 3, 4, 2)
    D = getattr(chapter, BY_HAND[kind])(CLASSES, 3, 4)
    copy_weights(state.generator, G)
    copy_weights(state.discriminator, D)
    images = torch.rand(6, 3, 32, 32) * 2 - 1
    labels = torch.stack([torch.arange(6) % 3, torch.arange(6) % 4], dim=1)
    z = torch.randn(6, 6)
    torch.testing.assert_close(G(z, labels), state.generator(z, labels))
    torch.testing.assert_close(D(images, labels), state.discriminator(images, labels))

    copy_weights(state.generator, G)  # batch norm's running statistics have moved
    copy_weights(state.discriminator, D)
    optimizers = [torch.optim.Adam(N.parameters(), lr=2e-4, betas=(0.5, 0.999)) for N in (G, D)]
    torch.manual_seed(1)
    metrics = conditional.step(state, (images, labels))
    torch.manual_seed(1)
    losses = chapter.conditional_step(G, D, *optimizers, torch.randn(6, 6), images, labels)
    torch.testing.assert_close(losses, (metrics["d_loss"], metrics["g_loss"]))
    for network, packaged in ((G, state.generator), (D, state.discriminator)):
        for mine, other in zip(network.parameters(), packaged.parameters(), strict=True):
            torch.testing.assert_close(mine, other, rtol=0, atol=2e-5)


def test_the_classification_loss_is_the_packages(chapter):
    logits = [torch.randn(5, 3), torch.randn(5, 4)]
    labels = torch.tensor([[0, 3], [1, 2], [2, 1], [0, 0], [1, 3]])
    torch.testing.assert_close(
        chapter.classification_loss(logits, labels), label_loss(logits, labels)
    )
    assert chapter.classification_loss([], labels).item() == 0


def test_balanced_indices_make_all_classes_equally_frequent(chapter):
    labels = torch.tensor([0, 0, 0, 0, 0, 1, 3, 3])
    indices = chapter.balanced(labels)
    assert labels[indices].bincount().tolist() == [5, 5, 0, 5]
    assert set(indices.tolist()) == set(range(8))


def test_the_best_value_is_twice_jensen_shannon_minus_log_4(chapter):
    p, q = torch.tensor([0.5, 0.25, 0.25]), torch.tensor([0.1, 0.3, 0.6])
    middle = (p + q) / 2
    js = 0.5 * ((p * (p / middle).log()).sum() + (q * (q / middle).log()).sum())
    torch.testing.assert_close(chapter.best_value(p, q), 2 * js - torch.tensor(4.0).log())


def test_combinations_are_found_in_their_row(chapter):
    labels = portrait_labels()
    for row in ([0, 0, 0], [1, 5, 18], [2, 3, 22]):
        assert labels[chapter.find(*row)].tolist() == row
    assert is_held_out(labels)[chapter.find(1, 5, 18)]  # the dark-skinned astronaut
