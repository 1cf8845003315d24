"""A look at all image files before a long run begins."""

from hashlib import sha256
from pathlib import Path

from PIL import Image

NAMED = 5  # files that a message names; the others it counts


def check_readable(files: list[Path]) -> int:
    """Look at each file's head; return the shortest side of all images, in pixels.

    A file that breaks off later is found when it is first read, and named then.

    Raises:
        ValueError: files that are no images; five of them are named.
    """
    broken, shortest = [], None
    for file in files:
        try:
            with Image.open(file) as image:
                side = min(image.size)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            broken.append(file)
            continue
        shortest = side if shortest is None else min(shortest, side)
    if broken:
        named = ", ".join(str(file) for file in broken[:NAMED])
        more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
        raise ValueError(
            f"{len(broken)} of {len(files)} files cannot be read as an image: {named}{more}. "
            "Remove or mend them."
        )
    return shortest


def fingerprint(files: list[Path]) -> str:
    """Return 12 hex digits of the files' names and sizes in their order: other data, other digits.

    Their folder does not count, so data may move between a run and its resume.
    """
    lines = [f"{file.name} {file.stat().st_size}" for file in files]
    return sha256("\n".join(lines).encode()).hexdigest()[:12]
