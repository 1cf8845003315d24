"""What chapter 09 builds by hand equals ganbook's."""

from pathlib import Path

import pytest
import torch

from ganbook.models.vgg import load_vgg16
from ganbook.style import colour, fast, gatys
from ganbook.style.adain import adaptive_instance_norm
from ganbook.style.gram import gram_matrix
from ganbook.style.losses import relative_error, style_loss, total_variation
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "09_style_transfer.ipynb"
NAMES = [
    "receptive_fields_by_hand",
    "content_loss_by_hand",
    "variation_by_hand",
    "gram_by_hand",
    "style_loss_by_hand",
    "grams_of",
    "see",
    "descend",
    "transfer_by_hand",
    "power",
    "colour_cloud",
    "match_colours_by_hand",
    "luminance_by_hand",
    "take_colours_by_hand",
    "masked_gram_by_hand",
    "stylizer_step",
    "adain_by_hand",
    "shuffle_tiles",
    "first_step_below",
]
LAYERS = ("relu1_2", "relu2_2")
CONFIG = fast.Config(
    width=4,
    blocks=1,
    content_layers=("relu2_2",),
    style_layers=LAYERS,
    style_weight=3,
    variation_weight=0.5,
    palette_weight=0,  # these three are ours, and not in the step by hand
    light_weight=0,
    recolour=False,
    warmup_steps=1,
    steps=1_000_000,  # so that the learning rate stays
)


@pytest.fixture(scope="module")
def network():
    return load_vgg16("random", "average", torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def chapter(network):
    settings = {"precision": "float32", "device": torch.device("cpu"), "depths": LAYERS}
    weights = {"ALPHA": 1.0, "BETA": 30.0, "GAMMA": 1.0}
    layers = {"CONTENT_LAYER": "relu2_2", "STYLE_LAYERS": LAYERS}
    return from_notebook(NOTEBOOK, NAMES, network=network, **settings, **weights, **layers)


@pytest.fixture
def images():
    """Two contents and a style of another size."""
    generator = torch.Generator().manual_seed(1)
    contents, style = (
        torch.rand(n, 3, side, side, generator=generator) * 1.6 - 0.8
        for n, side in ((2, 16), (1, 24))
    )
    return contents, style


def test_losses_by_hand_are_the_packages(chapter, images):
    (one, other), style = images[0].split(1), images[1]
    torch.testing.assert_close(chapter.content_loss_by_hand(one, other), relative_error(one, other))
    torch.testing.assert_close(chapter.variation_by_hand(one), total_variation(one))
    torch.testing.assert_close(chapter.gram_by_hand(one), gram_matrix(one))
    grams, targets = ({"a": gram_matrix(x), "b": gram_matrix(x**2)} for x in (one, style))
    found = chapter.style_loss_by_hand(grams, targets)
    torch.testing.assert_close(found, style_loss(grams, targets))


def test_the_method_by_hand_starts_with_the_packages_loss(chapter, network, images):
    content, style = images[0][:1], images[1]
    config = gatys.Config(
        content_layers=("relu2_2",),
        style_layers=LAYERS,
        style_weight=30,
        variation_weight=1,
        steps=6,
        optimizer="adam",
    )
    expected = gatys.transfer(network, content, style, config).losses["total"]
    image, history = chapter.transfer_by_hand(content, style, 6)
    torch.testing.assert_close(history[0], expected[0], rtol=1e-4, atol=1e-5)
    assert image.shape == content.shape and history[-1] < history[0]


def test_receptive_fields_are_those_of_the_network(chapter):
    network = load_vgg16("random", "average", torch.Generator().manual_seed(0))
    for parameter in network.parameters():
        parameter.abs_()  # so that no ReLU hides a pixel
    for layer, (side, jump) in chapter.receptive_fields_by_hand((2, 2, 3)).items():
        image = torch.zeros(1, 3, 64, 64, requires_grad=True)
        found = network(image, layer)[layer]
        middle = found.shape[2] // 2
        found[0, 0, middle, middle].backward()
        assert (image.grad.abs().sum(dim=(0, 1, 2)) > 0).sum() == side, layer
        assert found.shape[2] == 64 // jump


def test_colours_are_matched_as_in_the_package(chapter, images):
    (content, _), style = images[0].split(1), images[1]
    found = chapter.match_colours_by_hand(style, content)
    torch.testing.assert_close(found, colour.match_colours(style, content))


def test_luminance_and_colours_are_the_packages(chapter, images):
    one, other = images[0].split(1)
    torch.testing.assert_close(chapter.luminance_by_hand(one), colour.luminance(one))
    found = chapter.take_colours_by_hand(one, other)
    torch.testing.assert_close(found, colour.take_colours(one, other))


def test_masked_gram_matrix_is_the_packages(chapter):
    features, mask = torch.randn(2, 5, 6, 7), torch.rand(1, 1, 6, 7)
    found = chapter.masked_gram_by_hand(features, mask)
    torch.testing.assert_close(found, gram_matrix(features, mask=mask))


def test_adain_is_the_packages(chapter):
    content, style = torch.randn(2, 5, 6, 7), 2 + 3 * torch.randn(1, 5, 4, 4)
    found = chapter.adain_by_hand(content, style)
    torch.testing.assert_close(found, adaptive_instance_norm(content, style))


def test_steps_of_the_stylizer_are_the_packages(chapter, network, images):
    photos, style = images
    states = []
    for _ in range(2):
        torch.manual_seed(0)
        states.append(fast.build(CONFIG, style, network))
    packaged, twin = states
    for _ in range(3):
        expected = fast.step(packaged, (photos,))
        found = chapter.stylizer_step(
            twin.network, twin.optimizer, photos, twin.teacher.grams, CONFIG
        )
        for mine, theirs in (("total", "loss"), ("content", "content"), ("style", "style")):
            torch.testing.assert_close(found[mine], expected[theirs], rtol=1e-4, atol=1e-6)
        packaged.step += 1
    # A bias before a normalisation has no gradient but rounding's, so weights are not compared.
    torch.testing.assert_close(twin.stylize(photos), packaged.stylize(photos), rtol=1e-3, atol=1e-3)


def test_shuffled_tiles_are_the_pictures_own(chapter):
    picture = torch.arange(3 * 8 * 8.0).view(1, 3, 8, 8)
    shuffled = chapter.shuffle_tiles(picture, 4, torch.Generator().manual_seed(0))
    assert not torch.equal(shuffled, picture)
    tiles = [
        {tuple(tile.flatten().tolist()) for row in image.split(2, 2) for tile in row.split(2, 3)}
        for image in (picture, shuffled)
    ]
    assert tiles[0] == tiles[1] and len(tiles[0]) == 16
    assert torch.equal(chapter.shuffle_tiles(picture, 1, torch.Generator()), picture)


def test_the_first_step_that_has_caught_up(chapter):
    losses = torch.tensor([3.0, 2.0, 1.0, 1.5])
    assert [chapter.first_step_below(losses, bound) for bound in (3, 2.5, 1, 0.5)] == [
        0,
        1,
        2,
        None,
    ]
