"""What chapter 07 builds by hand equals ganbook's and PyTorch's."""

from pathlib import Path

import pytest
import torch
from torch import nn

from ganbook.data.edges import detect_edges
from ganbook.gans import pix2pix
from ganbook.metrics.segmentation import confusion_matrix, segmentation_report
from ganbook.models.patchgan import receptive_field
from ganbook.models.unet import UNet
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "07_pix2pix.ipynb"
NAMES = [
    "normalise",
    "UNetByHand",
    "receptive_field_by_hand",
    "PairDiscriminatorByHand",
    "translation_step",
    "instance_norm",
    "scores_by_hand",
    "sharpness",
    "compare_lines",
]


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, NAMES)


def with_weights_of(source, target):
    values = source.state_dict().values()
    target.load_state_dict(dict(zip(target.state_dict(), values, strict=True)))
    return target


@pytest.mark.parametrize("norm", ["batch", "instance"])
@pytest.mark.parametrize("skips", [True, False])
def test_unet_gives_the_packages_outputs(chapter, norm, skips):
    packaged = UNet(1, 3, width=4, downs=5, norm=norm, skips=skips)
    by_hand = with_weights_of(packaged, chapter.UNetByHand(1, 3, 4, 5, norm, 0.5, skips))
    images, outputs = torch.randn(2, 1, 64, 32), []
    for network in (packaged, by_hand):
        torch.manual_seed(0)  # of dropout
        outputs.append(network(images))
    assert torch.equal(*outputs)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_discriminator_gives_the_packages_outputs(chapter, layers):
    packaged = pix2pix.PairDiscriminator(4, 4, layers, "instance")
    by_hand = with_weights_of(packaged, chapter.PairDiscriminatorByHand(4, 4, layers, "instance"))
    inputs, images = torch.randn(2, 1, 72, 72), torch.randn(2, 3, 72, 72)
    assert torch.equal(by_hand(inputs, images), packaged(inputs, images))
    assert chapter.receptive_field_by_hand([2] * layers + [1, 1]) == receptive_field(layers)


def test_steps_are_the_packages(chapter):
    config = pix2pix.Config(
        in_channels=1, size=16, width=4, downs=3, discriminator_width=4, discriminator_layers=1
    )
    states = []
    for _ in range(2):
        torch.manual_seed(0)
        states.append(pix2pix.build(config))
    packaged, twin = states
    x, y = torch.rand(4, 1, 16, 16) * 2 - 1, torch.rand(4, 3, 16, 16) * 2 - 1
    for _ in range(3):
        torch.manual_seed(1)
        metrics = pix2pix.step(packaged, (x, y))
        torch.manual_seed(1)
        d_loss, g_loss = chapter.translation_step(
            twin.generator,
            twin.discriminator,
            twin.generator_optimizer,
            twin.discriminator_optimizer,
            x,
            y,
        )
        assert d_loss == pytest.approx(metrics["d_loss"].item(), rel=1e-5)
        assert g_loss == pytest.approx(metrics["g_loss"].item(), rel=1e-5)
    torch.testing.assert_close(twin.generator.state_dict(), packaged.generator.state_dict())
    torch.testing.assert_close(twin.discriminator.state_dict(), packaged.discriminator.state_dict())


def test_instance_norm_equals_pytorchs(chapter):
    h = 3 + 5 * torch.randn(3, 4, 6, 6)
    torch.testing.assert_close(chapter.instance_norm(h), nn.InstanceNorm2d(4)(h))


def test_scores_are_the_packages(chapter):
    pred, target = torch.randint(4, (2, 5, 16, 16))
    report = segmentation_report(pred, target, 4)
    expected = (report.pixel_accuracy, report.class_accuracy, report.mean_iou, report.dice)
    found = chapter.scores_by_hand(confusion_matrix(pred, target, 4).double())
    assert found == pytest.approx(expected)


def test_sharpness_counts_an_edge_and_its_blur_by_hand(chapter):
    image = torch.zeros(1, 3, 4, 4)
    image[..., 2:] = 1.0  # one step of 1 among three steps across, none down
    assert chapter.sharpness(image) == pytest.approx(1 / 3)
    blurred = torch.tensor([0.0, 1 / 3, 2 / 3, 1.0]).expand(1, 3, 4, 4)
    assert chapter.sharpness(blurred) == pytest.approx(1 / 9)


def test_lines_are_kept_or_invented(chapter):
    page = torch.ones(1, 3, 32, 32)
    page[:, :, 8:24, 8:24] = -1
    lines = detect_edges(page)
    assert chapter.compare_lines(page, lines) == pytest.approx((1, 0))
    assert chapter.compare_lines(page, lines.roll(1, -1)) == pytest.approx((1, 0))  # tolerance
    half = lines.clone()
    half[..., 16:] = 1  # only the left half was asked for
    kept, invented = chapter.compare_lines(page, half)
    assert kept == pytest.approx(1) and invented == pytest.approx(0.5, abs=0.05)
    assert chapter.compare_lines(torch.ones_like(page), lines) == pytest.approx((0, 0))
