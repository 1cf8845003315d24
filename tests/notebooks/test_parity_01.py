"""What chapter 01 builds by hand equals ganbook's."""

from pathlib import Path

import pytest
import torch

from ganbook.data.transforms import to_model_range
from ganbook.models.classifier import DigitClassifier
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_pytorch_basics.ipynb"


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(
        NOTEBOOK, ["DigitNet", "DigitsFromCSV", "Affine", "sgd", "momentum", "rmsprop", "adam"]
    )


def test_digit_net_has_the_packages_layers(chapter):
    by_hand, packaged = chapter.DigitNet(), DigitClassifier()
    shapes = [
        {name: tuple(t.shape) for name, t in net.state_dict().items()}
        for net in (by_hand, packaged)
    ]
    assert shapes[0] == shapes[1]


def test_digit_net_gives_the_packages_features_and_logits(chapter):
    torch.manual_seed(0)
    by_hand, packaged = chapter.DigitNet(), DigitClassifier()
    packaged.load_state_dict(by_hand.state_dict())
    images = torch.rand(5, 1, 32, 32) * 2 - 1
    assert torch.equal(by_hand.features(images), packaged.features(images))
    assert torch.equal(by_hand(images), packaged(images))


def test_digit_net_starts_like_the_packages(chapter):
    states = []
    for network in (chapter.DigitNet, DigitClassifier):
        torch.manual_seed(3)
        states.append(network().state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_digits_from_csv_reads_what_the_package_would(chapter, tmp_path):
    from torchvision.transforms.v2.functional import to_pil_image

    pixels = torch.randint(0, 256, (3, 1, 32, 32), dtype=torch.uint8)
    lines = ["file,label"]
    for index, image in enumerate(pixels):
        to_pil_image(image).save(tmp_path / f"{index}.png")
        lines.append(f"{index}.png,{index + 5}")
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")

    dataset = chapter.DigitsFromCSV(tmp_path / "labels.csv", transform=to_model_range)
    assert len(dataset) == 3
    for index, (image, label) in enumerate(dataset[i] for i in range(3)):
        assert label == index + 5
        assert torch.equal(image, to_model_range(pixels[index]))
    assert dataset.transform is to_model_range
    assert chapter.DigitsFromCSV(tmp_path / "labels.csv")[0][0].dtype == torch.uint8


def test_the_chapters_pixel_transform_equals_the_packages(chapter):
    v2 = chapter.v2
    to_model = v2.Compose(
        [v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean=[0.5], std=[0.5])]
    )
    every_value = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    torch.testing.assert_close(to_model(every_value), to_model_range(every_value))


def test_affine_equals_nn_linear(chapter):
    by_hand, library = chapter.Affine(7, 3), torch.nn.Linear(7, 3)
    library.load_state_dict(by_hand.state_dict())
    x = torch.randn(5, 7)
    torch.testing.assert_close(by_hand(x), library(x))


@pytest.mark.parametrize(
    ("rule", "optimizer", "options"),
    [
        ("sgd", torch.optim.SGD, {}),
        ("momentum", torch.optim.SGD, {"momentum": 0.9}),
        ("rmsprop", torch.optim.RMSprop, {}),
        ("adam", torch.optim.Adam, {}),
    ],
)
def test_optimizers_equal_torch(chapter, rule, optimizer, options):
    torch.manual_seed(0)
    gradients = torch.randn(50, 4, dtype=torch.float64)
    parameter = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    stepper = optimizer([parameter], lr=0.01, **options)
    by_hand, memory = torch.zeros(4, dtype=torch.float64), {}
    for g in gradients:
        by_hand = by_hand - getattr(chapter, rule)(g, memory, 0.01)
        parameter.grad = g.clone()
        stepper.step()
    torch.testing.assert_close(by_hand, parameter.detach())
