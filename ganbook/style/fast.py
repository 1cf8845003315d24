"""Fast style transfer: a network learns to do in one pass what Gatys' method optimises for.

Source: Johnson, Alahi & Fei-Fei (2016). One network, one style: it is trained on photographs, with
the losses of ``ganbook.style.gatys``, and then paints any image. Deviations: each layer's loss is
divided by its target's mean square, as everywhere here; total variation is a mean of absolute
differences; the content to be kept is the photo's in the style's colours, and two losses look at
colours and light: otherwise content and style quarrel about colours, and neither is learned; a
careful start (:func:`start_small`, and a rate that rises first) and a rate that falls to 0 in the
end; relu4_3, which sees more than a stroke and costs a third of the time, is not compared unless
asked for.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import pad
from torch.optim import Adam

from ganbook.models.resnet_generator import ResidualBlock
from ganbook.models.transformer_net import TransformerNet
from ganbook.models.vgg import VGG
from ganbook.nn.eval_mode import eval_mode
from ganbook.runtime import autocast, check_precision, memory_format
from ganbook.style.gatys import check_image, describe
from ganbook.style.gram import gram_matrix
from ganbook.style.losses import check_weights, content_loss, style_loss, total_variation
from ganbook.style.palette import colour_moments, light_loss, match_each, palette_loss
from ganbook.training.history import History
from ganbook.training.schedules import set_learning_rate, warmup_cosine

PARTS = ("content", "style", "variation", "palette", "light")


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with.

    Raises:
        ValueError: a number out of its range, or an unknown precision.
    """

    width: int = 16  # of the network; the paper's is 32
    blocks: int = 5
    content_layers: tuple[str, ...] = ("relu2_2",)
    style_layers: tuple[str, ...] = ("relu1_2", "relu2_2", "relu3_3")
    content_weight: float = 1.0
    style_weight: float = 10.0
    variation_weight: float = 0.3
    palette_weight: float = 3.0
    light_weight: float = 1.0
    recolour: bool = True  # keep the content of the photos in the style's colours
    learning_rate: float = 1e-3
    warmup_steps: int = 100  # the learning rate rises over them,
    steps: int = 2_000  # and falls to 0 over these, along half a cosine
    precision: str = "float32"  # bf16

    def __post_init__(self):
        check_weights(self, PARTS)
        warmup_cosine(0, self.warmup_steps, self.steps)  # refuses numbers below 1
        check_precision(self.precision)


@dataclass(frozen=True, eq=False)
class Teacher:
    """What the network is trained against, none of which changes.

    ``grams`` has the Gram matrices of ``style`` by layer, ``(1, C, C)``, and ``colours`` its
    :func:`ganbook.style.palette.colour_moments`.
    """

    describer: VGG
    style: Tensor
    grams: dict[str, Tensor]
    colours: tuple[Tensor, Tensor]


@dataclass
class FastState:
    """The network, its optimizer, its teacher and the counters; ``step`` counts finished steps.

    Checkpoints leave the teacher out: :func:`build` makes it again of the same pictures.
    """

    config: Config
    network: TransformerNet
    optimizer: Adam
    teacher: Teacher
    step: int = 0
    history: History = field(default_factory=History)

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters()).device

    def stylize(self, images: Tensor) -> Tensor:
        """Return images ``(N, 3, H, W)`` in [-1, 1], painted; see :func:`stylize`."""
        return stylize(self.network, images)


def build(
    config: Config, style: Tensor, describer: VGG, device: torch.device | str = "cpu"
) -> FastState:
    """Return network and optimizer at step 0, drawn from the global random generator.

    Args:
        config: of the run.
        style: the picture to paint like, ``(1, 3, H, W)`` in [-1, 1], of any size: its strokes are
            learned at the scale they have in it.
        describer: a frozen VGG, of ``load_vgg16``; it is moved to the device.
        device: where everything goes.

    Raises:
        ValueError: not one image of three channels in [-1, 1], or an unknown layer.
        TypeError: an image that is not of a floating type.
    """
    check_image(style, "style")
    describer.check_layers(config.content_layers)
    describer, style = describer.to(device), style.to(device)
    with torch.no_grad():
        found = describe(describer, style, config.style_layers, config.precision)
        grams = {layer: gram_matrix(found[layer]) for layer in config.style_layers}
        teacher = Teacher(describer, style, grams, colour_moments(style))
    network = TransformerNet(config.width, config.blocks)
    start_small(network)
    network = network.to(device, memory_format=memory_format(config.precision))
    optimizer = Adam(network.parameters(), lr=config.learning_rate, fused=True)
    return FastState(config, network, optimizer, teacher)


@torch.no_grad()
def start_small(network: TransformerNet) -> None:
    """Let the residual blocks start as the identity, and the last convolution near 0.

    Otherwise the first steps drive whole regions to where tanh is flat: black or white for ever.

    Source: the blocks: Goyal et al. (2017), section 5.1.
    """
    for module in network.modules():
        if isinstance(module, ResidualBlock):
            module.layers[-1].weight.zero_()
    last = network.layers[-2]
    last.weight.normal_(0, 0.02)
    last.bias.zero_()


def step(state: FastState, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Update the network once.

    Args:
        state: network and optimizer; changed in place.
        batch: a tuple whose first tensor is photographs ``(N, 3, H, W)`` in [-1, 1].

    Returns:
        Detached scalars: ``loss``, and without weights ``content``, ``style``, ``variation``,
        ``palette`` and ``light``.
    """
    config = state.config
    photos = batch[0].to(state.device).contiguous(memory_format=memory_format(config.precision))
    with autocast(state.device, config.precision):
        painted = state.network(photos)
    losses = painting_losses(state.teacher, photos, painted.float(), config)
    state.optimizer.zero_grad()
    losses["loss"].backward()
    factor = warmup_cosine(state.step, config.warmup_steps, config.steps)
    set_learning_rate(state.optimizer, config.learning_rate * factor)
    state.optimizer.step()
    return {name: value.detach() for name, value in losses.items()}


def painting_losses(
    teacher: Teacher, photos: Tensor, painted: Tensor, config: Config
) -> dict[str, Tensor]:
    r"""Return the scalars ``loss`` and ``PARTS`` of a batch; ``loss`` is their weighted sum.

    .. math:: \ell = w_c\,\ell_\text{content} + w_s\,\ell_\text{style}
              + w_v\,\ell_\text{variation} + w_p\,\ell_\text{palette} + w_l\,\ell_\text{light}

    Each image has Gram matrices of its own: each alone must look like the style.

    Source: Johnson, Alahi & Fei-Fei (2016), equations 1 and 5, with section 3.2's losses as in
    ``ganbook.style.losses``; the last two are ours (``ganbook.style.palette``).
    """
    with torch.no_grad():
        kept = match_each(photos, teacher.style) if config.recolour else photos
        targets = describe(teacher.describer, kept, config.content_layers, config.precision)
    layers = {*config.content_layers, *config.style_layers}
    features = describe(teacher.describer, painted, layers, config.precision, check=False)
    content = content_loss(features, targets)
    grams = {layer: gram_matrix(features[layer]) for layer in teacher.grams}
    wanted = {layer: gram.expand_as(grams[layer]) for layer, gram in teacher.grams.items()}
    style = style_loss(grams, wanted)
    parts = {
        "content": content,
        "style": style,
        "variation": total_variation(painted),
        "palette": palette_loss(painted, teacher.colours),
        "light": light_loss(painted, photos),
    }
    loss = sum(getattr(config, f"{name}_weight") * part for name, part in parts.items())
    return {"loss": loss, **parts}


@torch.no_grad()
def stylize(network: TransformerNet, images: Tensor) -> Tensor:
    """Return images ``(N, 3, H, W)`` in [-1, 1], painted one after the other, on the CPU.

    Sides may be any from 8: to multiples of 4 they are extended by reflection, and cut again.

    Raises:
        ValueError: another shape, or a side below 8.
    """
    if images.ndim != 4 or images.shape[1] != 3 or min(images.shape[2:]) < 8:
        raise ValueError(f"images must be (N, 3, H, W), 8 x 8 or more, got {tuple(images.shape)}.")
    height, width = images.shape[2:]
    wider = pad(images, (0, -width % 4, 0, -height % 4), mode="reflect")
    parameter = next(network.parameters())
    with eval_mode(network):
        painted = [network(image.to(parameter)).cpu() for image in wider.split(1)]
    return torch.cat(painted)[..., :height, :width]
