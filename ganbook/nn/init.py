"""Weight initialisation."""

from torch import nn


def dcgan_init(module: nn.Module) -> None:
    """Draw weights as DCGAN does; use as ``network.apply(dcgan_init)``.

    Convolutions and linear layers: N(0, 0.02), biases 0. Batch norm: weights N(1, 0.02), biases 0.

    Source: Radford, Metz & Chintala (2016), section 4. The paper states N(0, 0.02) for all weights;
    centring batch norm's scale on 1 follows the authors' code.
    """
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
    else:
        return
    if module.bias is not None:
        nn.init.zeros_(module.bias)
