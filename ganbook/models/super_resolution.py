"""The networks that ship with the package and enlarge photographs, four times each way."""

from importlib.resources import as_file, files

from safetensors.torch import load_file

from ganbook.models.srresnet import SRResNet

KINDS = ("mean", "sharp")
FACTOR = 4
WIDTH = 32
BLOCKS = 6


def load_super_resolution(kind: str = "sharp") -> SRResNet:
    """Return a trained SRResNet, in eval mode and frozen.

    It maps ``(N, 3, H, W)`` in [-1, 1], the block means of a photograph, to
    ``(N, 3, 4H, 4W)`` in [-1, 1]. It has seen ``ganbook.data.photo_crops.TRAINING_PHOTOS``. The
    weights are averages (EMA), stored as float16; ``tools/train_super_resolution.py`` makes them.

    Args:
        kind: ``mean`` was trained on the squared error; ``sharp`` went on from it, against a
            discriminator too (SRGAN).

    Raises:
        ValueError: another kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; accepted are {', '.join(KINDS)}.")
    network = SRResNet(3, WIDTH, BLOCKS, FACTOR)
    with as_file(files("ganbook") / "weights" / "super_resolution.safetensors") as path:
        stored = load_file(path)
    prefix = f"{kind}."
    weights = {key[len(prefix) :]: w for key, w in stored.items() if key.startswith(prefix)}
    network.load_state_dict(weights)  # copies float16 into float32
    return network.eval().requires_grad_(False)
