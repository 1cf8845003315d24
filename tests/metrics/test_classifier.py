"""ganbook.metrics.classifier: counts by hand, and real digits."""

import pytest
import torch
from torchmetrics.functional.classification import multiclass_confusion_matrix

from ganbook.data.digits import load_digits
from ganbook.metrics.classifier import (
    classification_accuracy_score,
    classifier_accuracy,
    confusion_matrix,
    predict_labels,
    small_classifier,
    train_classifier,
)
from ganbook.models.classifier import load_digit_classifier


def brightest_corner(images):
    """A judge of four classes: which corner is brightest."""
    return images[:, 0, [0, 0, -1, -1], [0, -1, 0, -1]]


def corners(labels):
    images = torch.full((len(labels), 1, 8, 8), -1.0)
    for image, label in zip(images, labels):
        image[0, -(label // 2), -(label % 2)] = 1.0
    return images


def test_predictions_and_share_by_hand():
    shown = torch.tensor([0, 1, 2, 3, 3])
    asked = torch.tensor([0, 1, 2, 0, 1])
    assert predict_labels(corners(shown), brightest_corner).tolist() == shown.tolist()
    assert classifier_accuracy(corners(shown), asked, brightest_corner) == pytest.approx(3 / 5)


def test_the_batch_size_does_not_matter():
    asked = torch.arange(40) % 4
    images = corners(torch.arange(40) % 3)
    results = {classifier_accuracy(images, asked, brightest_corner, size) for size in (1, 7, 40)}
    assert len(results) == 1


def test_the_shipped_classifier_reads_held_out_digits():
    images, labels = load_digits("test").tensors
    judge = load_digit_classifier()
    assert 0.97 < classifier_accuracy(images, labels, judge) < 1
    assert classifier_accuracy(images, (labels + 1) % 10, judge) < 0.03


def test_confusion_matrix_by_hand_and_by_torchmetrics():
    asked = torch.tensor([0, 0, 1, 2, 2, 2])
    read = torch.tensor([0, 1, 1, 0, 2, 2])
    matrix = confusion_matrix(asked, read, 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]
    assert torch.equal(matrix, multiclass_confusion_matrix(read, asked, 3))


def test_bad_input():
    images = corners([0, 1])
    with pytest.raises(ValueError, match=r"One label an image.*\(3,\) for 2"):
        classifier_accuracy(images, torch.zeros(3).long(), brightest_corner)
    with pytest.raises(ValueError, match="at least one"):
        classifier_accuracy(images[:0], torch.zeros(0).long(), brightest_corner)
    with pytest.raises(ValueError, match="read has the label 3; accepted are 0 to 2"):
        confusion_matrix(torch.tensor([0, 1]), torch.tensor([0, 3]), 3)
    with pytest.raises(ValueError, match="asked has the label -1; accepted are 0 to 2"):
        confusion_matrix(torch.tensor([-1, 1]), torch.tensor([0, 1]), 3)


def noisy_corners(n, seed, classes=4):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % classes
    noise = 0.2 * torch.randn(n, 1, 8, 8, generator=generator)
    return (corners(labels) + noise).clamp(-1, 1), labels


def score_of(images, labels, **options):
    return classification_accuracy_score(
        *(images, labels, *noisy_corners(200, seed=9), 4),
        **{"steps": 150, "generator": torch.Generator().manual_seed(0), **options},
    )


def test_good_fakes_teach_and_bad_labels_mislead():
    images, labels = noisy_corners(200, seed=1)
    assert score_of(images, labels) > 0.98
    assert score_of(images, (labels + 1) % 4) < 0.02
    assert 0.1 < score_of(torch.zeros_like(images), labels) < 0.4  # chance


def test_it_sees_missing_diversity_where_the_judge_does_not():
    """One perfect image a class, many times, against as many different ones."""
    images, labels = load_digits("train").tensors
    test_images, test_labels = load_digits("test").tensors
    judge = load_digit_classifier()
    sure = judge(images).softmax(1).gather(1, labels[:, None])[:, 0]
    best = torch.stack([(sure * (labels == digit)).argmax() for digit in range(10)])
    few, few_labels = images[best].repeat(40, 1, 1, 1), labels[best].repeat(40)
    generator = torch.Generator().manual_seed(0)
    chosen = torch.randperm(len(images), generator=generator)[:400]
    scores = [
        classification_accuracy_score(
            *(fake, fake_labels, test_images, test_labels, 10), steps=100, generator=generator
        )
        for fake, fake_labels in ((few, few_labels), (images[chosen], labels[chosen]))
    ]
    assert classifier_accuracy(few, few_labels, judge) == 1
    assert scores[0] < 0.6 < 0.75 < scores[1]


def test_training_is_reproducible_and_may_take_another_network():
    images, labels = noisy_corners(40, seed=2)
    made = [
        train_classifier(images, labels, 4, 5, generator=torch.Generator().manual_seed(seed))
        for seed in (0, 0, 1)
    ]
    found = [network(images) for network in made]
    assert torch.equal(found[0], found[1]) and not torch.equal(found[0], found[2])
    assert not made[0].training
    linear = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 4))
    options = {"steps": 100, "learning_rate": 0.02, "generator": torch.Generator().manual_seed(0)}
    assert train_classifier(images, labels, 4, network=linear, **options) is linear
    assert classifier_accuracy(images, labels, linear) > 0.9


def test_the_small_classifier():
    network = small_classifier((3, 16, 24), 7)
    assert network(torch.zeros(2, 3, 16, 24)).shape == (2, 7)
    with pytest.raises(ValueError, match="multiples of 8, got 28 x 32"):
        small_classifier((1, 28, 32), 10)


def test_bad_training_data():
    images, labels = noisy_corners(8, seed=0)
    with pytest.raises(ValueError, match="labels has the label 3; accepted are 0 to 2"):
        train_classifier(images, labels, 3)
    with pytest.raises(ValueError, match="One label an image"):
        train_classifier(images, labels[:5], 4)
    with pytest.raises(ValueError, match="real_labels has the label 4"):
        classification_accuracy_score(images, labels, images, labels + 1, 4)
