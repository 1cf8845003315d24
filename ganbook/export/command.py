"""The command line ``python -m ganbook.export checkpoint.pt --to generator.onnx``."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from ganbook.arguments import say
from ganbook.export.formats import write_onnx, write_program, write_safetensors
from ganbook.export.generator import DIRECTIONS, load_generator

WRITERS = {".safetensors": write_safetensors, ".pt2": write_program, ".onnx": write_onnx}
TOLERANCE = 1e-5
BAD_INPUT = (ValueError, TypeError, OSError, RuntimeError, ModuleNotFoundError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0, or 2 after an error, which is one sentence."""
    options = _parser().parse_args(arguments)
    try:
        difference = export(options.checkpoint, options.to, options.direction)
    except BAD_INPUT as error:
        return say(f"error: {error}", 2)
    print(f"{options.to} (differs from PyTorch by at most {difference:.1e})")
    return 0


def export(checkpoint: str | Path, to: str | Path, direction: str | None = None) -> float:
    """Write a checkpoint's generator to a file whose ending says the format; return the difference.

    The file is written beside its place, compared with the network, and only then renamed.

    Raises:
        ValueError, FileNotFoundError: the checkpoint, the ending or the direction is wrong.
        ModuleNotFoundError: a package for ONNX is missing.
        RuntimeError: the file's outputs differ from the network's by more than 1e-5.
    """
    to = Path(to)
    if to.suffix not in WRITERS:
        raise ValueError(f"--to is {to}; its ending must be one of {', '.join(WRITERS)}.")
    if not to.absolute().parent.is_dir():
        raise FileNotFoundError(f"There is no folder {to.parent} to write to.")
    generator = load_generator(checkpoint, direction)
    beside = to.with_name(f"writing_{to.name}")
    try:
        difference = WRITERS[to.suffix](generator, beside)
        if not difference <= TOLERANCE:
            raise RuntimeError(
                f"{to.suffix[1:]} differs from PyTorch by {difference:.1e}, more than "
                f"{TOLERANCE:.0e}; nothing is written."
            )
        os.replace(beside, to)
    finally:
        beside.unlink(missing_ok=True)
    return difference


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ganbook.export",
        description="Write the generator of a run of ganbook.train to a file.",
        epilog=".safetensors: the weights; .pt2: torch.export, for PyTorch alone; .onnx: for other "
        "software. Each is compared with the network before it is kept.",
    )
    parser.add_argument("checkpoint", type=Path, help="checkpoint.pt in the folder of the run")
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="the file to write")
    text = "of a CycleGAN's two generators"
    parser.add_argument("--direction", choices=DIRECTIONS, help=text)
    return parser
