"""Checks of chapter 1: broadcasting, the gradient of cross-entropy, weights of a sampler."""

from collections.abc import Callable

import torch
from torch.nn.functional import one_hot

from ganbook.check.values import close, finite, same, tensor
from ganbook.check.verdict import Hint, call, verdict


def normalise(function: Callable) -> None:
    """Check exercise 1, ``function(images) -> images``, both ``(N, C, H, W)``.

    Checked: every channel of every image has mean 0 and standard deviation 1, with either divisor
    (n or n - 1); the rest of the image is kept up to that.
    """
    with verdict("each channel of each image has mean 0 and standard deviation 1."):
        images = 3 * torch.rand(4, 3, 5, 6) * torch.arange(1.0, 13).view(4, 3, 1, 1) + 7
        found = call(function, images)
        centred = images - images.mean(dim=(2, 3), keepdim=True)
        std = images.std(dim=(2, 3), keepdim=True)
        over_batch = images - images.mean(dim=(0, 2, 3), keepdim=True)
        per_image = images - images.mean(dim=(1, 2, 3), keepdim=True)
        slips = [
            (centred, "The mean is 0 now. The standard deviation is still the old one."),
            (centred / std**2, "The mean is right. You divide by the variance, it seems."),
            (images / std, "The standard deviation is 1 now. The mean is still the old one."),
            (
                over_batch / images.std(dim=(0, 2, 3), keepdim=True),
                "Each channel is normalised over the whole batch, so one image changes another. "
                "Which dimensions belong to a single image?",
            ),
            (
                per_image / images.std(dim=(1, 2, 3), keepdim=True),
                "Each image is normalised as a whole, its channels together. Which dimensions "
                "belong to a single channel?",
            ),
            (
                (images - images.mean()) / images.std(),
                "One mean and one standard deviation serve all images. Average over fewer "
                "dimensions.",
            ),
        ]
        biased = centred / images.std(dim=(2, 3), keepdim=True, correction=0)
        if close(tensor(found), biased, tolerance=1e-3):
            return
        same(found, centred / std, "your normalised batch", slips, tolerance=1e-3)


def cross_entropy_gradient(function: Callable) -> None:
    """Check exercise 2, ``function(logits, labels) -> gradient``: ``(N, K)``, ``(N,)``, ``(N, K)``.

    Checked: the gradient of the sum of the cross-entropies, also for logits of ±200, where an
    exponential overflows, and that autograd is not needed for it.
    """
    with verdict("it is the gradient that autograd finds, also for very large logits."):
        logits, labels = torch.randn(4, 6), torch.tensor([3, 1, 4, 1])
        p, target = logits.softmax(dim=1), one_hot(labels, 6).float()
        slips = [
            (p, "That is what every logit gets. What is different for the right class?"),
            ((p - target) / 4, "That is the gradient of the mean over the batch, not of the sum."),
            (
                logits.softmax(dim=0) - target,
                "The probabilities do not add up to 1 in a row. Over which dimension is the "
                "softmax taken?",
            ),
            (logits - target, "Those are logits where probabilities belong."),
            (logits.sigmoid() - target, "A sigmoid looks at each logit alone. K classes share 1."),
            (target - p, "The sign is wrong: this is the direction of descent."),
            (
                p.log() - target,
                "Those are logarithms of probabilities where probabilities belong.",
            ),
        ]
        same(call(function, logits, labels), p - target, "the gradient", slips)
        try:
            with torch.no_grad():
                call(function, logits, labels)
        except Hint:
            raise Hint(
                "The values are right, but autograd found them. Find the formula, and write it "
                "without autograd."
            ) from None
        extreme = torch.tensor([[200.0, -200.0, 0.0], [0.0, 150.0, -200.0]])
        labels = torch.tensor([1, 1])
        expected = extreme.softmax(dim=1) - one_hot(labels, 3)
        what = "for moderate logits it is right; for logits of ±200 the gradient"
        same(call(function, extreme, labels), expected, what)


def sampling_weights(function: Callable) -> None:
    """Check exercise 4, ``function(labels) -> weights``, ``(N,)`` to ``(N,)``.

    Checked: all classes that occur get the same total weight; a constant factor is free.
    """
    with verdict("with these weights every class is drawn equally often."):
        for labels in (torch.tensor([0, 0, 0, 1]), torch.tensor([2, 5, 5, 2, 5, 5, 7])):
            counts = labels.bincount()
            weights = tensor(call(function, labels), "the weights")
            if weights.shape == counts.shape:
                raise Hint(
                    f"You return {len(weights)} weights, one for each class. The sampler wants "
                    "one for each image: look the weights up by the labels."
                )
            if weights.shape != labels.shape:
                raise Hint(
                    f"{len(labels)} labels give weights of shape {tuple(weights.shape)}; one "
                    "weight for each image is wanted."
                )
            finite(weights, "a weight")
            if (weights < 0).any():
                raise Hint("A weight must not be negative.")
            totals = torch.zeros(8).index_add(0, labels, weights.float())[counts.nonzero()[:, 0]]
            if (totals <= 0).any():
                raise Hint("A class that occurs has no weight at all, so it is never drawn.")
            if (totals / totals[0] - 1).abs().max() > 1e-3:
                rare, common = (
                    totals[counts[counts > 0].argmin()],
                    totals[counts[counts > 0].argmax()],
                )
                if torch.allclose(weights.float(), weights.float()[0]):
                    raise Hint("All images weigh the same, so the common class is drawn most.")
                raise Hint(
                    "Now the rare class is drawn too often: its images weigh too much."
                    if rare > common
                    else "The common class is still drawn most often: should many images of a "
                    "class make the weight of each one larger or smaller?"
                )
