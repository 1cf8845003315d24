"""The stylizer that ships with the package: a feed-forward network trained for one painting."""

from importlib.resources import as_file, files

from safetensors.torch import load_file

from ganbook.models.transformer_net import TransformerNet

# By name: of the painting (ganbook.data.paintings) that it learned to paint like.
STYLIZERS = {"strokes": {"width": 16, "blocks": 5}}


def load_stylizer(name: str = "strokes") -> TransformerNet:
    """Return the trained network, in eval mode and frozen.

    It maps images ``(N, 3, H, W)`` in [-1, 1], with sides divisible by 4, to painted ones of the
    same shape and range; ``ganbook.style.fast.stylize`` takes any sides. Its weights are stored as
    float16. ``tools/train_stylizer.py`` makes them again.

    Raises:
        ValueError: the name is not one of ``STYLIZERS``.
    """
    if name not in STYLIZERS:
        raise ValueError(f"stylizer is {name!r}; accepted are {', '.join(STYLIZERS)}.")
    network = TransformerNet(**STYLIZERS[name])
    with as_file(files("ganbook") / "weights" / f"stylizer_{name}.safetensors") as path:
        network.load_state_dict(load_file(path))  # copies float16 into float32
    return network.eval().requires_grad_(False)
