"""Conditional networks: a generator that is told what to draw, and three discriminators.

Labels are whole numbers ``(N, A)``, one column for each of A attributes; attribute k has
``classes[k]`` classes, numbered from 0. With one attribute ``(N,)`` is accepted too.

The discriminators share their convolutions (DCGAN's) and differ in where the label enters. Each
returns ``logits (N,)`` and a list of class logits, which is empty unless it classifies.
"""

from collections.abc import Sequence
from importlib.resources import as_file, files

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ganbook.models.dcgan import DCGANDiscriminator, DCGANGenerator
from ganbook.nn.init import dcgan_init

Judgement = tuple[Tensor, list[Tensor]]

PORTRAITS = {  # the generator that ships with the package
    "classes": (3, 6, 23),  # person, skin tone, look
    "latent_dim": 64,
    "channels": 3,
    "size": 64,
    "width": 32,
    "embedding_dim": 16,
}


def check_labels(labels: Tensor, classes: Sequence[int]) -> Tensor:
    """Return the labels as ``(N, A)``, or raise if one of them is unknown.

    On a GPU this waits for the labels' values, so check them while they are on the CPU.

    Raises:
        TypeError: not an int64 tensor.
        ValueError: another shape, or a label outside ``0 .. classes[k] - 1``.
    """
    labels = as_columns(labels, classes)
    for k, count in enumerate(classes):
        column = labels[:, k]
        unknown = column[(column < 0) | (column >= count)]
        if len(unknown):
            which = f" of attribute {k}" if len(classes) > 1 else ""
            raise ValueError(
                f"Unknown label {int(unknown[0])}{which}; accepted are 0 to {count - 1}."
            )
    return labels


def as_columns(labels: Tensor, classes: Sequence[int]) -> Tensor:
    """Return the labels as ``(N, A)``; check their type and shape, but not their values."""
    if not isinstance(labels, Tensor) or labels.dtype != torch.int64:
        kind = labels.dtype if isinstance(labels, Tensor) else type(labels).__name__
        raise TypeError(f"labels must be an int64 tensor, got {kind}.")
    attributes = len(classes)
    columns = labels[:, None] if labels.ndim == 1 and attributes == 1 else labels
    if columns.ndim != 2 or columns.shape[1] != attributes:
        wanted = f"(N, {attributes})" + (" or (N,)" if attributes == 1 else "")
        raise ValueError(f"labels must have shape {wanted}, got {tuple(labels.shape)}.")
    return columns


class LabelEmbedding(nn.Module):
    """Map labels ``(N, A)`` to ``(N, A * dim)``: a learned vector for each class, side by side.

    Args:
        classes: how many classes each attribute has.
        dim: length of a vector.
        scale: standard deviation of its numbers at the start; PyTorch's own is 1.

    Raises:
        ValueError: no attribute, or one with fewer than one class.
    """

    def __init__(self, classes: Sequence[int], dim: int, scale: float = 1.0):
        super().__init__()
        if len(classes) == 0 or min(classes) < 1:
            raise ValueError(f"classes must be at least one positive number, got {classes}.")
        self.classes = tuple(classes)
        self.tables = nn.ModuleList(nn.Embedding(count, dim) for count in classes)
        for table in self.tables:
            nn.init.normal_(table.weight, 0.0, scale)

    def forward(self, labels: Tensor) -> Tensor:
        columns = as_columns(labels, self.classes).unbind(dim=1)
        return torch.cat([table(column) for table, column in zip(self.tables, columns)], dim=1)


class ConditionalGenerator(nn.Module):
    """Map latents ``(N, latent_dim)`` and labels to images ``(N, channels, size, size)``.

    The labels' embeddings are appended to the latent; the rest is DCGAN's generator. :meth:`embed`
    and :meth:`draw` are the two halves of forward: between them an embedding can be changed.

    The embeddings start much smaller than the latent, whose numbers have spread 1. Where they start
    as large, the generator soon hears the label alone and draws one image a class (chapter 6).

    Source: Mirza & Osindero (2014), figure 1. Deviations: convolutions, and the embedding joins the
    latent directly instead of after a hidden layer of each.
    """

    def __init__(
        self,
        classes: Sequence[int],
        latent_dim: int = 100,
        channels: int = 1,
        size: int = 32,
        width: int = 32,
        embedding_dim: int = 32,
        embedding_scale: float = 0.1,
    ):
        super().__init__()
        self.embed = LabelEmbedding(classes, embedding_dim, embedding_scale)
        inputs = latent_dim + len(classes) * embedding_dim
        self.network = DCGANGenerator(inputs, channels, size, width)

    def draw(self, z: Tensor, embedding: Tensor) -> Tensor:
        return self.network(torch.cat([z, embedding], dim=1))

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        return self.draw(z, self.embed(labels))


class _Convolutions(DCGANDiscriminator):
    """DCGAN's discriminator up to its last map, flattened: ``(N, C, H, W)`` to ``(N, D)``."""

    def __init__(self, channels: int, size: int, width: int, shift: int):
        super().__init__(channels, size, width, shift)
        last = self.layers[-1]
        self.features = last.in_channels * 4 * 4  # D
        self.layers[-1] = nn.Flatten(1)

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images).view(len(images), self.features)


class ConcatDiscriminator(nn.Module):
    """Judge an image and its label joined at the input: each attribute is one more channel.

    The channel is a learned picture for each class, so that every layer sees image and label.

    Source: Mirza & Osindero (2014), section 3.2; there both join after a hidden layer of each.
    """

    def __init__(
        self,
        classes: Sequence[int],
        channels: int = 1,
        size: int = 32,
        width: int = 32,
        shift: int = 0,
    ):
        super().__init__()
        self.embed = LabelEmbedding(classes, size * size)
        self.convolutions = _Convolutions(channels + len(classes), size, width, shift)
        self.source = nn.Linear(self.convolutions.features, 1).apply(dcgan_init)
        self.image_shape = (channels, size, size)
        self.map_shape = (len(classes), size, size)

    def forward(self, images: Tensor, labels: Tensor) -> Judgement:
        if tuple(images.shape[1:]) != self.image_shape:
            wanted = ", ".join(map(str, self.image_shape))
            raise ValueError(
                f"This discriminator takes shape (N, {wanted}), got {tuple(images.shape)}."
            )
        maps = self.embed(labels).view(-1, *self.map_shape)
        features = self.convolutions(torch.cat([images, maps], dim=1))
        return self.source(features).squeeze(1), []


class ProjectionDiscriminator(nn.Module):
    r"""Judge by :math:`\ell(x, y) = \psi(\phi(x)) + v_y^\top\phi(x)`.

    :math:`\phi` are the convolutions, :math:`\psi` is linear, and :math:`v_y` a learned vector for
    each class; with several attributes the vectors are added.

    Source: Miyato & Koyama (2018), section 3. Deviations: :math:`\phi` is flattened and not summed
    over its places; batch norm instead of residual blocks with spectral norm.
    """

    def __init__(
        self,
        classes: Sequence[int],
        channels: int = 1,
        size: int = 32,
        width: int = 32,
        shift: int = 0,
    ):
        super().__init__()
        self.convolutions = _Convolutions(channels, size, width, shift)
        self.source = nn.Linear(self.convolutions.features, 1).apply(dcgan_init)
        # At the start the vectors are 0: the label does not count yet.
        self.embed = LabelEmbedding(classes, self.convolutions.features, scale=0.0)

    def forward(self, images: Tensor, labels: Tensor) -> Judgement:
        features = self.convolutions(images)
        vectors = self.embed(labels).view(len(images), -1, self.convolutions.features).sum(dim=1)
        return self.source(features).squeeze(1) + (vectors * features).sum(dim=1), []


class AuxiliaryDiscriminator(nn.Module):
    """Judge the image alone, and say which class it shows: one layer of logits an attribute.

    Source: Odena, Olah & Shlens (2017), section 3.
    """

    def __init__(
        self,
        classes: Sequence[int],
        channels: int = 1,
        size: int = 32,
        width: int = 32,
        shift: int = 0,
    ):
        super().__init__()
        self.convolutions = _Convolutions(channels, size, width, shift)
        features = self.convolutions.features
        self.source = nn.Linear(features, 1).apply(dcgan_init)
        self.classify = nn.ModuleList(nn.Linear(features, count) for count in classes)
        self.classify.apply(dcgan_init)

    def forward(self, images: Tensor, labels: Tensor) -> Judgement:
        features = self.convolutions(images)
        return self.source(features).squeeze(1), [layer(features) for layer in self.classify]


def load_conditional_portraits() -> ConditionalGenerator:
    """Return the trained portrait generator, in eval mode and frozen.

    It maps standard normal latents ``(N, 64)`` and labels ``(N, 3)`` (see
    :func:`ganbook.data.emoji.portrait_labels`) to portraits ``(N, 3, 64, 64)`` in [-1, 1]. It never
    saw the combinations of :func:`ganbook.data.emoji.is_held_out`. Its weights are an average (EMA)
    stored as float16; ``tools/train_conditional_portraits.py`` makes them again.
    """
    generator = ConditionalGenerator(**PORTRAITS)
    with as_file(files("ganbook") / "weights" / "conditional_portraits.safetensors") as path:
        generator.load_state_dict(load_file(path))  # copies float16 into float32
    return generator.eval().requires_grad_(False)
