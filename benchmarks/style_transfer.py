"""Style transfer against the well-known PyTorch tutorial's loop, and the feed-forward networks.

    OMP_NUM_THREADS=1 python benchmarks/style_transfer.py

The tutorial ("Neural Transfer Using PyTorch") puts its losses into the network, as layers that pass
on what they are given, and lets L-BFGS call a closure that clips the image. Here that design is
written anew around our VGG-16: the same layers, size, precision and number of evaluations. The two
take turns; compared are the medians of the processor's seconds an evaluation takes, targets
included, which neighbours on the machine hardly change. Goals: a ratio of at most 1; under 0.5 s by
the clock for an image of 256 x 256 by the network trained for one style.
"""

import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn.functional import mse_loss

from ganbook.models.stylizer import load_stylizer
from ganbook.models.vgg import VGG, load_vgg16
from ganbook.runtime import seed_everything
from ganbook.style import arbitrary, fast
from ganbook.style.gatys import Config, transfer

GOAL, FEED_FORWARD_GOAL = 1.0, 0.5


class ContentLoss(nn.Module):
    """A layer that changes nothing and remembers how far its input is from the target."""

    def __init__(self, target):
        super().__init__()
        self.target = target.detach()

    def forward(self, x):
        """Return the input."""
        self.loss = mse_loss(x, self.target)
        return x


class StyleLoss(nn.Module):
    """The same for the Gram matrix."""

    def __init__(self, target):
        super().__init__()
        self.target = gram(target).detach()

    def forward(self, x):
        """Return the input."""
        self.loss = mse_loss(gram(x), self.target)
        return x


def gram(x):
    """Return the tutorial's Gram matrix: divided by the number of elements."""
    rows = x.flatten(0, 1).flatten(1)
    return (rows @ rows.t()) / x.numel()


class Normalise(nn.Module):
    """Our VGG's own preprocessing as the first layer."""

    def __init__(self, network: VGG):
        super().__init__()
        self.scale, self.offset = network.scale, network.offset

    def forward(self, x):
        """Return the image in the scale of the weights."""
        return x * self.scale + self.offset


def tutorial(network: VGG, content, style, config: Config):
    """Return the painted image and the number of evaluations, at least ``config.steps``."""
    model, losses = nn.Sequential(Normalise(network)), {"content": [], "style": []}
    last = max((*config.content_layers, *config.style_layers), key=network.layers.index)
    for name in network.layers[: network.layers.index(last) + 1]:
        model.add_module(name, network.features.get_submodule(name))
        kinds = (
            ("content", ContentLoss, content, config.content_layers),
            ("style", StyleLoss, style, config.style_layers),
        )
        for kind, loss_layer, picture, layers in kinds:
            if name in layers:
                added = loss_layer(model(picture).detach())
                model.add_module(f"{kind}_{name}", added)
                losses[kind].append(added)
    model.eval().requires_grad_(False)
    image = content.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([image])
    evaluations = 0

    def closure():
        nonlocal evaluations
        evaluations += 1
        with torch.no_grad():
            image.clamp_(-1, 1)
        optimizer.zero_grad()
        model(image)
        total = sum(layer.loss for layer in losses["content"])
        total = total + 1e6 * sum(layer.loss for layer in losses["style"])
        total.backward()
        return total

    while evaluations < config.steps:
        optimizer.step(closure)
    return image.detach().clamp(-1, 1), evaluations


def ours(network: VGG, content, style, config: Config):
    """Return the painted image and the number of evaluations."""
    return transfer(network, content, style, config).image, config.steps


def picture(size):
    """Return a smooth random picture: what is in it makes no difference to the time."""
    coarse = torch.rand(1, 3, size // 8, size // 8) * 2 - 1
    return nn.functional.interpolate(coarse, size=(size, size), mode="bilinear").contiguous()


def compare(size, steps, repetitions):
    """Print seconds an evaluation of both and their ratio."""
    network = load_vgg16("random", "max")
    content, style = picture(size), picture(size)
    config = Config(steps=steps, variation_weight=0.0, start="content")
    seconds = {tutorial: [], ours: []}
    for repetition in range(repetitions + 1):
        for function in seconds if repetition % 2 else reversed(seconds):
            start = time.process_time()
            _, evaluations = function(network, content, style, config)
            if repetition:  # the first is a warm-up
                seconds[function].append((time.process_time() - start) / evaluations)
    # The two of one repetition ran side by side: compare them, then take the median.
    ratio = statistics.median(a / b for a, b in zip(seconds[ours], seconds[tutorial]))
    for function, taken in seconds.items():
        name = f"{function.__name__}, {size} x {size}, {config.steps} evaluations"
        print(f"{name:46}{statistics.median(taken):8.3f} s of processor an evaluation")
    print(f"ratio {ratio:.3f}{'' if ratio <= GOAL else '  missed'}")


def feed_forward(repetitions):
    """Print the seconds that an image of 256 x 256 takes."""
    content, style = picture(256), picture(256)
    network, stylizer = load_stylizer(), arbitrary.load_adain_stylizer()
    cases = {
        "one style": lambda: fast.stylize(network, content),
        "any style (AdaIN)": lambda: stylizer.stylize(content, style),
    }
    for name, paint in cases.items():
        seconds = []
        for _ in range(repetitions + 1):
            start = time.perf_counter()
            paint()
            seconds.append(time.perf_counter() - start)
        median = statistics.median(seconds[1:])
        verdict = "  missed" if name == "one style" and median >= FEED_FORWARD_GOAL else ""
        print(f"{name + ', 256 x 256':46}{median:8.3f} s{verdict}")


def main():
    """Print the comparison and the feed-forward times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=20, help="evaluations; 20 a call of L-BFGS")
    parser.add_argument("--repetitions", type=int, default=7)
    options = parser.parse_args()
    seed_everything(0)
    print(
        f"{torch.get_num_threads()} threads, float32; goals: ratio <= {GOAL:g}, "
        f"{FEED_FORWARD_GOAL} s"
    )
    compare(options.size, options.steps, options.repetitions)
    feed_forward(options.repetitions)


if __name__ == "__main__":
    main()
