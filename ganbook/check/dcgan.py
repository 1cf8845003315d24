"""Checks of chapter 4: sizes, a generator that enlarges, and the half-life of an average."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import torch
from torch import nn

from ganbook.check.values import close, finite, same, tensor
from ganbook.check.verdict import Hint, call, verdict


def sizes(function: Callable) -> None:
    """Check exercise 1, ``function() -> [(kernel, stride, padding), …]``.

    Checked: three transposed convolutions lead from a 1 × 1 map over 7 × 7 and 14 × 14 to 28 × 28,
    and those whose stamps overlap have a kernel that the stride divides.
    """
    with verdict("your three layers make 7, 14 and 28 of 1, without a checkerboard's kernel."):
        layers = call(function)
        layers = layers.tolist() if hasattr(layers, "tolist") else layers
        if not isinstance(layers, list | tuple) or len(layers) != 3:
            raise Hint("Return a list of three layers, each as (kernel, stride, padding).")
        size = 1
        for count, (layer, wanted) in enumerate(zip(layers, (7, 14, 28)), 1):
            if not isinstance(layer, list | tuple) or len(layer) != 3:
                raise Hint(f"Layer {count} must be three whole numbers: kernel, stride, padding.")
            kernel, stride, padding = layer
            try:
                made = nn.ConvTranspose2d(1, 1, kernel, stride, padding)(
                    torch.zeros(1, 1, size, size)
                )
            except (RuntimeError, TypeError, ValueError) as error:
                raise Hint(f"Layer {count} cannot be built or run: {error}") from None
            if made.shape[-1] != wanted:
                also = made.shape[-1] == (size + 2 * padding - kernel) // stride + 1
                raise Hint(
                    f"Layer {count} makes {made.shape[-1]} of {size}, not {wanted}."
                    + (" Is that the formula of a convolution that shrinks?" if also else "")
                )
            if kernel % stride and size > 1:  # from one place there is one stamp
                raise Hint(
                    f"Layer {count} gives the right size, but its stamps overlap unevenly: the "
                    "stride does not divide the kernel. Which kernels avoid a checkerboard?"
                )
            size = wanted


def smooth_generator(function: Callable) -> None:
    """Check exercise 3, ``function(latent_dim, channels, width) -> nn.Module``.

    Checked: ``(N, latent_dim, 1, 1)`` becomes ``(N, channels, 32, 32)`` in [-1, 1], for two sets of
    numbers; nothing but the first layer is a transposed convolution; fewer parameters than the
    chapter's; the latent makes a difference; the maps have the channels asked for; and the rules:
    batch norm but in the last layer, ReLU, tanh.
    """
    with verdict("it enlarges smoothly, keeps to [-1, 1], and has fewer parameters."):
        for latent_dim, channels, width in ((100, 1, 32), (6, 3, 4)):
            network = call(function, latent_dim, channels, width)
            if not isinstance(network, nn.Module):
                raise Hint(f"Return a network, an nn.Module; yours is {type(network).__name__}.")
            layers = list(network.modules())
            last = [m for m in layers if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)][-1:]
            for layer in last:  # so that it uses its whole range, whatever it starts from
                nn.init.normal_(layer.weight)
            with maps_of(layers) as maps:
                images = tensor(call(network, torch.randn(8, latent_dim, 1, 1)), "its output")
            if images.shape != (8, channels, 32, 32):
                raise Hint(
                    f"With channels={channels} and width={width}, eight latents become "
                    f"{tuple(images.shape)}, and (8, {channels}, 32, 32) is wanted."
                )
            finite(images, "what the network makes")
            stamps = sum(isinstance(layer, nn.ConvTranspose2d) for layer in layers)
            if stamps > 1:
                raise Hint(f"{stamps} layers are transposed convolutions; only the first may be.")
            if (images[0] - images[1]).abs().max() < 1e-6:
                raise Hint("All latents give the same image.")
            if images.abs().max() > 1:
                raise Hint("The images leave [-1, 1], the range of the real ones.")
            if images.min() >= 0:
                raise Hint("The images are never negative, and the real ones fill [-1, 1].")
            if len(norms(layers)) < 3:
                raise Hint(
                    "The sizes are right. One of the rules is missing: normalise the maps of "
                    "every hidden layer."
                )
            check_rules(layers, maps, images, (4 * width, 2 * width, width, channels))
            count = sum(parameter.numel() for parameter in network.parameters())
            if count >= parameters_with_stamps(latent_dim, channels, width):
                raise Hint(f"It has {count:,} parameters, no fewer than with transposed layers.")


@contextmanager
def maps_of(layers) -> Iterator[list[tuple[torch.Tensor, torch.Tensor]]]:
    """Yield a list that gets the (input, output) of each convolution among the layers."""
    maps: list[tuple[torch.Tensor, torch.Tensor]] = []
    convolutions = [m for m in layers if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]

    def note(_, given, made):
        maps.append((given[0], made))

    hooks = [layer.register_forward_hook(note) for layer in convolutions]
    yield maps
    for hook in hooks:
        hook.remove()


def check_rules(layers, maps, images: torch.Tensor, channels: tuple[int, ...]) -> None:
    """Raise a Hint for a rule that a generator breaks whose sizes and range are right.

    layers: its modules; maps: (input, output) of each convolution; channels: of the maps wanted.
    """
    if any(layer.num_features == channels[-1] for layer in norms(layers)):
        raise Hint("The image itself is normalised, and so its actual brightness is lost.")
    rectified = sum(isinstance(layer, nn.ReLU) for layer in layers) >= 3
    if not rectified and any((given < 0).any() for given, _ in maps[1:]):
        raise Hint(
            "A hidden layer passes on negative values. Which activation do the rules give a "
            "generator?"
        )
    last = maps[-1][1]
    if last.shape == images.shape and not close(images, last.tanh(), 1e-4):
        raise Hint("The range is right. But the rules name another function for the output.")
    found = [made.shape[1] for _, made in maps]
    found = [count for k, count in enumerate(found) if k == 0 or count != found[k - 1]]
    if found != list(channels):
        raise Hint(
            f"With channels={channels[-1]} and width={channels[2]}, your maps have "
            f"{', '.join(map(str, found))} channels; {', '.join(map(str, channels))} are wanted."
        )


def norms(layers) -> list[nn.BatchNorm2d]:
    """Return the batch normalisations among the layers."""
    return [layer for layer in layers if isinstance(layer, nn.BatchNorm2d)]


def parameters_with_stamps(latent_dim: int, channels: int, width: int) -> int:
    """Return the parameters of the chapter's generator for 32 × 32, all of kernel 4."""
    maps = [latent_dim, 4 * width, 2 * width, width]
    inner = sum(a * b * 16 + 2 * b for a, b in pairwise(maps))
    return inner + width * channels * 16 + channels


def half_life(function: Callable) -> None:
    """Check exercise 4, ``function(beta, batch) -> images``.

    Checked: after as many images, ``batch`` of them a step, a weight of β a step has halved.
    """
    with verdict("after so many images, half of the old weights is forgotten."):
        for beta, batch in ((0.5, 1), (0.999, 32), (0.999, 256), (0.9, 10)):
            steps = math.log(0.5) / math.log(beta)
            same(
                call(function, beta, batch),
                batch * steps,
                f"the half-life for β = {beta} and batch {batch}",
                [
                    (steps, "That is the half-life in steps. How many images go by in a step?"),
                    (steps / batch, "More images a step should make it longer, not shorter."),
                    (-batch * steps, "The sign is wrong: log β is negative, a half-life is not."),
                    (-batch / math.log(beta), "That is when 1/e is left. When is one half left?"),
                    (batch / (1 - beta), "That is the mean age of a weight. When is half left?"),
                    *(
                        (rounded, "Nearly: leave the number as it is, without rounding.")
                        for rounded in (
                            round(batch * steps),
                            math.ceil(batch * steps),
                            batch * math.ceil(steps),
                        )
                    ),
                ],
                tolerance=1e-3,
            )
