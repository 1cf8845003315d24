"""ganbook.metrics.features."""

import pytest
import torch
from torchvision.transforms.v2.functional import gaussian_blur

from ganbook.data.digits import load_digits
from ganbook.data.emoji import load_portraits
from ganbook.metrics import features as module
from ganbook.metrics.features import (
    digit_features,
    extract_features,
    inception_features,
    inception_logits,
    vgg_features,
)
from ganbook.metrics.frechet import frechet_from_features
from ganbook.models.classifier import DigitClassifier, load_digit_classifier
from ganbook.models.vgg import load_vgg16


def test_features_are_the_shipped_classifiers():
    images = load_digits("test").tensors[0][:5]
    features = digit_features()(images)
    assert features.shape == (5, 64)
    torch.testing.assert_close(features, load_digit_classifier().features(images))


def test_another_classifier_may_judge():
    torch.manual_seed(0)
    classifier = DigitClassifier()
    images = torch.zeros(2, 1, 32, 32)
    found = digit_features(classifier)(images)
    torch.testing.assert_close(found, classifier.features(images))


@pytest.mark.parametrize("batch_size", [1, 3, 7, 100])
def test_the_batch_size_does_not_matter(batch_size):
    images = load_digits("test").tensors[0][:7]
    found = extract_features(images, digit_features(DigitClassifier()), batch_size)
    assert found.shape == (7, 64) and not found.requires_grad
    expected = [7.0 * i for i in range(7)]
    mean = extract_features(
        torch.arange(7.0).view(7, 1, 1, 1).expand(7, 1, 2, 2),
        lambda x: 7 * x[:, 0, 0, :1],
        batch_size,
    )
    assert mean.flatten().tolist() == expected


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (torch.zeros(2, 3, 32, 32), ValueError, "images must have 1 channels, got 3"),
        (torch.zeros(2, 1, 28, 28), ValueError, r"\(N, 1, 32, 32\), got \(2, 1, 28, 28\)"),
        (torch.full((2, 1, 32, 32), 255.0), ValueError, "values from 255 to 255"),
        (torch.zeros(2, 1, 32, 32, dtype=torch.uint8), TypeError, "must be float.*uint8"),
    ],
)
def test_bad_images_are_refused(images, error, message):
    with pytest.raises(error, match=message):
        digit_features()(images)


@pytest.fixture(scope="module")
def vgg():
    return load_vgg16()


def test_vgg_features_are_means_over_all_places(vgg):
    images = torch.rand(3, 3, 16, 24, generator=torch.Generator().manual_seed(0)) * 2 - 1
    found = vgg_features(["relu2_2", "relu1_1"], vgg)(images)
    assert found.shape == (3, 128 + 64) and found.dtype == torch.float32
    layers = vgg(images, ["relu1_1", "relu2_2"])
    assert torch.equal(found[:, :128], layers["relu2_2"].mean(dim=(2, 3)))
    assert torch.equal(found[:, 128:], layers["relu1_1"].mean(dim=(2, 3)))
    assert vgg_features(network=vgg)(images).shape == (3, 256)


def test_vgg_features_of_an_image_do_not_depend_on_its_batch(vgg):
    images = torch.rand(5, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    alone, together = (extract_features(images, vgg_features(network=vgg), n) for n in (1, 5))
    torch.testing.assert_close(alone, together, rtol=1e-4, atol=1e-3)


@pytest.fixture(scope="module")
def portraits():
    images = load_portraits(32).tensors[0]
    return images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:120]]


def test_the_worse_the_portraits_the_greater_the_vgg_distance(vgg, portraits):
    """Other portraits, then these blurred and noisy more and more, grey ones, pure noise."""
    generator = torch.Generator().manual_seed(1)
    real, others = portraits.chunk(2)
    noise = torch.randn(others.shape, generator=generator)
    extract = vgg_features("relu3_3", vgg)
    described = extract_features(real, extract)

    def distance(images):
        return frechet_from_features(described, extract_features(images, extract))

    floor = distance(others)
    blurred = [distance(gaussian_blur(others, 9, sigma)) for sigma in (0.5, 1.0, 2.0)]
    noisy = [distance((others + level * noise).clamp(-1, 1)) for level in (0.1, 0.3, 1.0)]
    grey = distance(others.mean(dim=1, keepdim=True).expand_as(others))
    assert floor < blurred[0] < blurred[1] < blurred[2]
    assert floor < noisy[0] < noisy[1] < noisy[2]
    assert grey > 3 * floor and min(noisy[2], blurred[2]) > 10 * floor


def test_bfloat16_moves_a_distance_little(vgg, portraits):
    found = {
        precision: frechet_from_features(
            *extract_features(portraits, vgg_features("relu3_3", vgg, precision)).chunk(2)
        )
        for precision in ("float32", "bf16")
    }
    assert found["bf16"] == pytest.approx(found["float32"], rel=0.03)
    assert found["bf16"] != found["float32"]


def test_bad_vgg_choices(vgg):
    with pytest.raises(ValueError, match="layers has 'fc7'; accepted are conv1_1, relu1_1"):
        vgg_features("fc7", vgg)
    with pytest.raises(ValueError, match="layers is empty"):
        vgg_features([], vgg)
    with pytest.raises(ValueError, match="precision is 'half'"):
        vgg_features(network=vgg, precision="half")


def test_inception_features_and_logits_share_one_network(monkeypatch):
    def network(images):
        return images.mean((2, 3)), images.sum((2, 3))

    images = torch.rand(2, 3, 4, 4)
    assert torch.equal(inception_features(network)(images), images.mean((2, 3)))
    assert torch.equal(inception_logits(network)(images), images.sum((2, 3)))
    monkeypatch.setattr(module, "load_inception", lambda: network)
    assert torch.equal(inception_features()(images), images.mean((2, 3)))
    assert torch.equal(inception_logits()(images), images.sum((2, 3)))


@pytest.mark.parametrize("choose", [inception_features, inception_logits])
def test_inception_without_a_network_fails_at_once(choose, monkeypatch):
    def offline():
        raise RuntimeError("Inception-v3's weights could not be downloaded")

    monkeypatch.setattr(module, "load_inception", offline)
    with pytest.raises(RuntimeError, match="could not be downloaded"):
        choose()
