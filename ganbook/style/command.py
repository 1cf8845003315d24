"""The command line ``python -m ganbook.style content.jpg style.jpg -o out.png``."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from ganbook.arguments import BAD_INPUT, say, whole
from ganbook.models.vgg import POOLINGS, WEIGHTS, load_vgg16
from ganbook.runtime import PRECISIONS, choose_device
from ganbook.style.coarse_to_fine import transfer_coarse_to_fine
from ganbook.style.colour import luminance, match_colours, match_luminance, take_colours
from ganbook.style.gatys import STARTS, Config, Style
from ganbook.style.optimise import OPTIMIZERS, Losses
from ganbook.style.pictures import check_writable, read_picture, write_picture
from ganbook.style.recolour import recolour

COLOURS = ("style", "matched", "content")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0; 2 after an error, which is one sentence; 130.

    The last is that of Ctrl-C; what is painted by then is written. Progress goes to standard error.
    """
    options = _parser().parse_args(arguments)
    painter = Painter(options)
    try:
        return _paint(painter)
    except BAD_INPUT as error:
        return say(f"error: {error}", 2)
    except RuntimeError as error:
        if "memory" in str(error):  # PyTorch's message is long, and names no way out
            error = f"Not enough memory for --size {options.size}; try a smaller one."
        return say(f"error: {error}", 2)


def _paint(painter: "Painter") -> int:
    try:
        painter.paint()
    except KeyboardInterrupt:
        if painter.image is None:
            return say("stopped before the first step; nothing is written", 130)
        painter.write()
        return say(f"stopped; {painter.options.output} has step {painter.step}", 130)
    print(painter.options.output)
    return 0


class Painter:
    """One run of the command: reads, paints, and holds the last whole step for :meth:`write`."""

    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.image: Tensor | None = None
        self.step = 0

    def paint(self) -> None:
        """Read the pictures, paint with a progress bar, and write the result."""
        options = self.options
        _check(options)
        config = Config(
            style_weight=options.style_weight,
            variation_weight=options.variation_weight,
            start=options.start,
            steps=options.steps,
            optimizer=options.optimizer,
            precision=options.precision,
        )
        generator = torch.Generator().manual_seed(options.seed)
        device = choose_device()
        self.content = read_picture(options.content, options.size).to(device)
        styles = [style.to(device) for style in self._styles()]
        network = load_vgg16(options.weights, options.pooling, generator).to(device)
        wanted = [Style(*given) for given in zip(styles, self._blend(), self._masks(device))]
        content = self.content
        if options.colours == "style":
            content = recolour(content, wanted)
        elif options.colours == "content":
            content = luminance(content)
        with tqdm(total=options.steps, unit="step") as self.bar:
            transfer_coarse_to_fine(
                network, content, wanted, config, options.scales, self._after_step, generator
            )
        self.write()

    def write(self) -> None:
        """Write the last step's image."""
        image = self.image
        if self.options.colours == "content":
            image = take_colours(image, self.content)
        write_picture(image, self.options.output)

    def _after_step(self, step: int, image: Tensor, losses: Losses) -> None:
        self.image, self.step = image, step
        self.bar.update()
        if step % 10 == 0 or step == self.options.steps:  # reading the losses makes a GPU wait
            names = ("content", "style")
            self.bar.set_postfix({name: f"{losses[name].item():.3f}" for name in names})
        if self.options.every and step % self.options.every == 0:
            self.write()

    def _styles(self) -> list[Tensor]:
        options = self.options
        styles = [read_picture(path, options.style_size or options.size) for path in options.style]
        content = self.content.cpu()
        if options.colours == "matched":
            return [match_colours(style, content) for style in styles]
        if options.colours == "content":
            return [match_luminance(luminance(style), luminance(content)) for style in styles]
        return styles

    def _blend(self) -> list[float]:
        number = len(self.options.style)
        # Masks divide the picture among the styles; without them the styles share all of it.
        return self.options.blend or [1.0 if self.options.mask else 1 / number] * number

    def _masks(self, device: torch.device) -> list[Tensor | None]:
        size = tuple(self.content.shape[2:])
        masks = [(read_picture(path, size, gray=True) + 1) / 2 for path in self.options.mask or []]
        return [m.to(device) for m in masks] or [None] * len(self.options.style)


def _check(options: argparse.Namespace) -> None:
    """Refuse what would only fail after the painting."""
    check_writable(options.output)
    inputs = [options.content, *options.style, *(options.mask or [])]
    if any(path.exists() and path.resolve() == options.output.resolve() for path in inputs):
        raise ValueError(f"{options.output} is one of the pictures read; name another output.")
    for name in ("blend", "mask"):
        given = getattr(options, name)
        if given and len(given) != len(options.style):
            raise ValueError(
                f"--{name} wants one value for each style, {len(options.style)}, got {len(given)}."
            )


def _parser() -> argparse.ArgumentParser:
    defaults = Config()
    parser = argparse.ArgumentParser(
        prog="python -m ganbook.style",
        description="Paint one picture in the style of another (Gatys, Ecker & Bethge 2016).",
        epilog="Ctrl-C writes what is painted by then.",
    )
    add = parser.add_argument
    add("content", type=Path, help="the picture to paint")
    add("style", type=Path, nargs="+", help="the picture, or pictures, whose style it takes")
    add("-o", "--output", type=Path, required=True, help="file to write: .png, .jpg, .webp, .bmp")
    add("--size", type=whole(16), default=512, help="longer side of the result; 512 if not given")
    add("--style-size", type=whole(16), metavar="SIZE", help="of the style: its strokes' scale")
    add("--steps", type=whole(1), default=300, help="evaluations of the network; 300")
    add(
        "--scales",
        type=_amount,
        nargs="+",
        default=[0.5, 1.0],
        metavar="S",
        help="factors of the size to paint at, one after the other, with equal shares of the steps;"
        " 0.5 1 if not given",
    )
    weight = f"against the content's, which is 1; {defaults.style_weight:g}"
    add("--style-weight", type=_amount, default=defaults.style_weight, metavar="W", help=weight)
    smooth = f"of roughness (total variation); {defaults.variation_weight:g}"
    add(
        "--variation-weight",
        type=_amount,
        default=defaults.variation_weight,
        metavar="W",
        help=smooth,
    )
    kept = "style (default): the content is given the style's first; matched: the style is given "
    kept += "the content's first; content: the content's stay, only light and dark are painted"
    add("--colours", choices=COLOURS, default="style", help=kept)
    add("--blend", type=_amount, nargs="+", metavar="W", help="a weight for each style")
    add(
        "--mask", type=Path, nargs="+", metavar="FILE", help="for each style, white where it counts"
    )
    add("--start", choices=STARTS, default=defaults.start, help="the first image")
    add("--optimizer", choices=OPTIMIZERS, default=defaults.optimizer)
    add("--weights", choices=WEIGHTS, default="edges", help="VGG-16's; imagenet is downloaded")
    add("--pooling", choices=tuple(POOLINGS), default="average")
    add("--precision", choices=PRECISIONS, default=defaults.precision)
    add("--every", type=whole(0), default=0, metavar="N", help="write every N steps too")
    add("--seed", type=int, default=0, help="of the noise and of random weights")
    return parser


def _amount(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of at least 0")
    return value
