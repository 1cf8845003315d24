"""The horse and zebra translators that ship with the package: CycleGAN's, after a longer run."""

from importlib.resources import as_file, files

from safetensors.torch import load_file

from ganbook.models.resnet_generator import ResNetGenerator

SIZE = 64
GENERATOR = {"width": 24, "blocks": 3, "downs": 2}


def load_horse_zebra() -> tuple[ResNetGenerator, ResNetGenerator]:
    """Return both trained generators, horse to zebra and zebra to horse, in eval mode and frozen.

    Each maps images ``(N, 3, 64, 64)`` in [-1, 1] to images of that shape and range. Their weights
    are stored as float16. ``tools/train_horse_zebra.py`` makes them again.
    """
    with as_file(files("ganbook") / "weights" / "horse_zebra.safetensors") as path:
        weights = load_file(path)
    networks = []
    for name in ("to_zebra", "to_horse"):
        network = ResNetGenerator(**GENERATOR)
        prefix = f"{name}."
        own = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        network.load_state_dict(own)  # copies float16 into float32
        networks.append(network.eval().requires_grad_(False))
    return tuple(networks)
