"""The translator that ships with the package: chapter 7's U-Net after a longer run than there."""

from importlib.resources import as_file, files

from safetensors.torch import load_file

from ganbook.models.unet import UNet

SIZE = 64
WIDTH = 16
DOWNS = 5


def load_edges_to_portraits_generator() -> UNet:
    """Return the trained U-Net, in eval mode and frozen.

    It maps line drawings ``(N, 1, 64, 64)``, +1 on the paper and -1 on a line, to portraits
    ``(N, 3, 64, 64)`` in [-1, 1]. It has not seen the test split of ``ganbook.data.edges``. Its
    weights are an average (EMA), stored as float16. ``tools/train_edges_to_portraits.py`` makes
    them again.
    """
    generator = UNet(1, 3, width=WIDTH, downs=DOWNS, dropout=0.0)
    with as_file(files("ganbook") / "weights" / "edges_to_portraits.safetensors") as path:
        generator.load_state_dict(load_file(path))  # copies float16 into float32
    return generator.eval().requires_grad_(False)
