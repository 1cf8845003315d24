"""Classifier accuracy, both ways: a judge of real images on fakes, a pupil of fakes on reals."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

Classifier = Callable[[Tensor], Tensor]  # images (N, C, H, W) to logits (N, K)


@torch.no_grad()
def predict_labels(images: Tensor, classifier: Classifier, batch_size: int = 250) -> Tensor:
    """Return the class that the classifier finds likeliest for each image, ``(N,)`` int64."""
    return torch.cat([classifier(part).argmax(dim=1) for part in images.split(batch_size)])


def classifier_accuracy(
    images: Tensor, labels: Tensor, classifier: Classifier, batch_size: int = 250
) -> float:
    """Return the share of images in which the classifier reads the label.

    It measures fidelity to the label alone: one perfect image a class scores 1. And the judge errs
    too, so state its accuracy on real images beside it.

    Args:
        images: ``(N, C, H, W)``, as the classifier takes them.
        labels: ``(N,)`` int64, what was asked for.
        classifier: maps images to logits ``(N, K)``; in eval mode.
        batch_size: images at a time.

    Raises:
        ValueError: no images, or not one label an image.
    """
    _check(labels, images)
    return (predict_labels(images, classifier, batch_size) == labels).double().mean().item()


def train_classifier(
    images: Tensor,
    labels: Tensor,
    classes: int,
    steps: int = 500,
    batch_size: int = 64,
    learning_rate: float = 2e-3,
    generator: torch.Generator | None = None,
    network: nn.Module | None = None,
) -> nn.Module:
    """Train a classifier by Adam on cross-entropy and return it, in eval mode.

    The learning rate falls linearly to zero. Each step draws its images anew, with replacement.

    Args:
        images: ``(N, C, H, W)``; for the default network, H and W are multiples of 8.
        labels: ``(N,)`` int64 in 0 .. classes - 1.
        classes: how many there are.
        steps: updates.
        batch_size: images a step.
        learning_rate: at the start.
        generator: draws the batches and the default network's first weights; the global one if
            None.
        network: maps images to logits ``(N, classes)`` and is trained in place; by default three
            convolutions with stride 2 and one linear layer, like the judge of chapter 1.

    Raises:
        ValueError: no images, not one label an image, or a label outside 0 .. classes - 1.
    """
    _check(labels, images)
    _check_range("labels", labels, classes)
    if network is None:
        network = small_classifier(tuple(images.shape[1:]), classes, generator)
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)
    network.train()
    for step in range(steps):
        chosen = torch.randint(len(images), (batch_size,), generator=generator)
        loss = cross_entropy(network(images[chosen]), labels[chosen])
        optimizer.param_groups[0]["lr"] = learning_rate * (1 - step / steps)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network.eval()


def classification_accuracy_score(
    fake: Tensor,
    fake_labels: Tensor,
    real: Tensor,
    real_labels: Tensor,
    classes: int,
    **training: object,
) -> float:
    """Return how well a classifier trained on fakes alone reads real images, a share.

    Unlike :func:`classifier_accuracy` it sees missing diversity: a generator of one perfect image a
    class teaches little. Put beside it the same with real training images, the most that can be
    hoped for. It cannot see what a classifier need not know, such as the background.

    Args:
        fake: training images ``(N, C, H, W)``.
        fake_labels: ``(N,)`` int64, what was asked for.
        real: test images ``(M, C, H, W)``, which no generator was trained on.
        real_labels: ``(M,)`` int64.
        classes: how many there are.
        **training: further arguments of :func:`train_classifier`.

    Raises:
        ValueError: as :func:`train_classifier`.

    Source: Ravuri & Vinyals (2019), Classification Accuracy Score, section 3. Deviation: a small
    network instead of a ResNet-50.
    """
    _check(real_labels, real)
    _check_range("real_labels", real_labels, classes)
    return classifier_accuracy(
        real, real_labels, train_classifier(fake, fake_labels, classes, **training)
    )


def small_classifier(
    shape: tuple[int, int, int], classes: int, generator: torch.Generator | None = None
) -> nn.Sequential:
    """Return an untrained classifier of images ``(N, C, H, W)`` to logits ``(N, classes)``.

    Args:
        shape: ``(C, H, W)``; H and W are multiples of 8.
        classes: how many logits.
        generator: draws the weights (He initialization); the global one if None.

    Raises:
        ValueError: another shape.
    """
    channels, height, width = shape
    if height % 8 or width % 8:
        raise ValueError(f"H and W must be multiples of 8, got {height} x {width}.")
    network = nn.Sequential(
        nn.Conv2d(channels, 16, 3, stride=2, padding=1),  # (N, 16, H/2, W/2)
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),  # (N, 32, H/4, W/4)
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1),  # (N, 64, H/8, W/8)
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64 * (height // 8) * (width // 8), classes),
    )
    for layer in network:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nonlinearity = "relu" if isinstance(layer, nn.Conv2d) else "linear"
            nn.init.kaiming_normal_(layer.weight, nonlinearity=nonlinearity, generator=generator)
            nn.init.zeros_(layer.bias)
    return network


def confusion_matrix(asked: Tensor, read: Tensor, classes: int) -> Tensor:
    """Return counts ``(classes, classes)`` int64: row asked for, column read.

    Raises:
        ValueError: not of equal length, empty, or a label outside 0 .. classes - 1.
    """
    _check(asked, read)
    _check_range("asked", asked, classes)
    _check_range("read", read, classes)
    return (asked * classes + read).bincount(minlength=classes**2).view(classes, classes)


def _check(labels: Tensor, others: Tensor) -> None:
    if labels.ndim != 1 or len(labels) != len(others) or len(labels) == 0:
        raise ValueError(
            f"One label an image is needed, and at least one; got labels of shape "
            f"{tuple(labels.shape)} for {len(others)}."
        )


def _check_range(name: str, labels: Tensor, classes: int) -> None:
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= classes:
        unknown = low if low < 0 else high
        raise ValueError(f"{name} has the label {unknown}; accepted are 0 to {classes - 1}.")
