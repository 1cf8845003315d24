"""ganbook.style.optimise: both optimizers on a problem with a known answer; refusals."""

from itertools import pairwise

import pytest
import torch

from ganbook.style.optimise import Result, optimise

START = torch.full((1, 3, 4, 4), 0.9)


def square(image):
    """Smallest where every pixel is 0.5, channel c weighted by c + 1."""
    weights = torch.tensor([1.0, 2.0, 3.0]).view(1, 3, 1, 1)
    total = (weights * (image - 0.5).square()).mean()
    return {"total": total, "half": total / 2}


@pytest.mark.parametrize(("optimizer", "steps"), [("lbfgs", 25), ("adam", 150)])
def test_the_smallest_value_is_found(optimizer, steps):
    result = optimise(START, square, steps, optimizer)
    assert isinstance(result, Result)
    torch.testing.assert_close(result.image, torch.full_like(START, 0.5), atol=1e-3, rtol=0)
    assert result.losses["total"].shape == (steps,)
    assert result.losses["total"][0].item() == pytest.approx(2 * 0.16)  # of the start
    torch.testing.assert_close(result.losses["half"], result.losses["total"] / 2)
    assert result.losses["total"][-1] < 1e-5
    assert not result.image.requires_grad and not result.losses["total"].requires_grad


def test_the_start_is_not_changed():
    start = START.clone()
    optimise(start, square, 3)
    assert torch.equal(start, START)


def test_adams_first_step_is_its_rate():
    for rate, moved in ((None, 0.05), (0.2, 0.2)):
        image = optimise(START, square, 1, "adam", rate).image
        torch.testing.assert_close(image, START - moved)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_step_is_one_evaluation_and_the_callback_sees_it(optimizer):
    seen, evaluations = [], []

    def loss(image):
        evaluations.append(image.detach().clone())
        return square(image)

    result = optimise(START, loss, 4, optimizer, callback=lambda *told: seen.append(told))
    assert len(evaluations) == 4
    assert [step for step, _, _ in seen] == [1, 2, 3, 4]
    # The losses are those of the image before the step, the image is the one after it.
    assert [told["total"] for _, _, told in seen] == result.losses["total"].tolist()
    torch.testing.assert_close(seen[0][1], evaluations[1])
    torch.testing.assert_close(seen[-1][1], result.image)
    seen[-1][1].zero_()  # a copy
    assert result.image.any()


def test_pixels_are_free_inside_and_clipped_outside():
    seen = []

    def far(image):
        seen.append(image.detach().max().item())
        return {"total": (image - 3).square().mean()}

    result = optimise(START, far, 30)
    assert max(seen) == pytest.approx(3, abs=0.01)
    assert result.image.max() == 1


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_small_gradient_does_not_stop_the_optimizer(optimizer):
    result = optimise(START, lambda image: {"total": 1e-6 * square(image)["total"]}, 150, optimizer)
    assert result.losses["total"][-1] < 1e-3 * result.losses["total"][0]


def test_an_image_that_is_best_already_stays():
    best = torch.full_like(START, 0.5)
    assert torch.equal(optimise(best, square, 3).image, best)


def test_no_step_of_lbfgs_is_a_leap():
    """A valley that is flat to the left of 0: there the curvature promises a minimum far away."""
    images = [START]

    def bend(image):
        return {"total": torch.where(image > 0, 50 * image.square(), -1e-3 * image).mean() + 50}

    optimise(START, bend, 20, callback=lambda step, image, losses: images.append(image))
    moves = torch.stack([(b - a).abs().mean() for a, b in pairwise(images)])
    assert moves[0].item() == pytest.approx(0.01, rel=1e-3)  # the first one
    assert moves.max() <= 0.1 + 1e-5
    assert moves.max() > 0.09  # and they are not all small


def test_channels_last_gradients_are_taken():
    def loss(image):
        return square(image.contiguous(memory_format=torch.channels_last))

    assert optimise(START, loss, 10).losses["total"][-1] < 0.1


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_loss_that_is_no_number_stops(value):
    def loss(image):
        return {"total": image.sum() * float(value)}

    with pytest.raises(FloatingPointError, match="NaN or infinite at step 1 of 5; try a smaller"):
        optimise(START, loss, 5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "steps must be at least 1, got 0"),
        ((1, "sgd"), "optimizer is 'sgd'; accepted are lbfgs, adam"),
        ((1, "adam", 0), "learning_rate must be positive, got 0"),
        ((1, "adam", float("nan")), "learning_rate must be positive, got nan"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        optimise(START, square, *arguments)
