"""CycleGAN: translation between two sets of images without pairs.

Source: Zhu, Park, Isola & Efros (2017), sections 3 and 4. Deviations: the learning rate falls by
the step, not by the epoch; the semantic term, off by default, is that of CyCADA (Hoffman et al.
2018, equation 4); a discriminator of whole images (DCGAN's) is an option; networks as in
``ganbook.models.resnet_generator`` and ``patchgan``.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from ganbook.losses.adversarial import (
    least_squares_discriminator_loss,
    least_squares_generator_loss,
)
from ganbook.losses.cycle import cycle_consistency_loss, identity_loss, semantic_loss
from ganbook.models.dcgan import DCGANDiscriminator
from ganbook.models.patchgan import PatchGAN
from ganbook.models.resnet_generator import ResNetGenerator
from ganbook.nn.eval_mode import eval_mode
from ganbook.nn.freeze import frozen
from ganbook.runtime import autocast, memory_format
from ganbook.training.history import History
from ganbook.training.image_buffer import ImageBuffer
from ganbook.training.schedules import linear_decay, set_learning_rate

CYCLES = ("both", "forward", "backward", "none")


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with.

    ``cycle`` names the cycles that enter the loss: forward is A to B to A, backward B to A to B.
    With ``adversarial`` off the discriminators rest ("cycle alone" of the paper's table 4).
    """

    channels: int = 3
    size: int = 256
    width: int = 64
    blocks: int = 9
    downs: int = 2
    discriminator_width: int = 64
    discriminator_layers: int = 3  # of stride 2; 0 for one judgement of the whole image
    learning_rate: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999
    adversarial: bool = True
    cycle: str = "both"
    cycle_weight: float = 10.0  # λ
    identity_weight: float = 0.0  # the paper has 0.5 λ for paintings and photographs
    semantic_weight: float = 0.0
    buffer_size: int = 50  # 0 shows the discriminators only the newest fakes
    steps: int = 100_000
    constant_steps: int = 50_000  # steps before the learning rate falls, evenly, to 0
    precision: str = "float32"


@dataclass
class CycleGANState:
    """Two translators, two judges, and what training changes besides; see ``GANState``.

    ``classifier`` is the frozen network of the semantic term, or None.
    """

    config: Config
    a_to_b: nn.Module
    b_to_a: nn.Module
    discriminator_a: nn.Module
    discriminator_b: nn.Module
    generator_optimizer: Optimizer
    discriminator_optimizer: Optimizer
    buffer_a: ImageBuffer
    buffer_b: ImageBuffer
    classifier: nn.Module | None = None
    step: int = 0
    history: History = field(default_factory=History)

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return next(self.a_to_b.parameters()).device

    def translate(self, images: Tensor, to: str = "b", batch_size: int = 64) -> Tensor:
        """Return images ``(N, C, H, W)`` in [-1, 1] translated to domain ``b`` or ``a``.

        The generator runs in eval mode; the result is on the CPU.

        Raises:
            ValueError: another domain.
        """
        if to not in ("a", "b"):
            raise ValueError(f"to is {to!r}; accepted are 'a', 'b'.")
        return _run(self.a_to_b if to == "b" else self.b_to_a, images, self.device, batch_size)

    def reconstruct(self, images: Tensor, domain: str = "a", batch_size: int = 64) -> Tensor:
        """Return images of ``domain`` after a full cycle: there and back, on the CPU.

        Raises:
            ValueError: another domain.
        """
        if domain not in ("a", "b"):
            raise ValueError(f"domain is {domain!r}; accepted are 'a', 'b'.")
        other = "b" if domain == "a" else "a"
        return self.translate(self.translate(images, other, batch_size), domain, batch_size)


def build(
    config: Config, device: torch.device | str = "cpu", classifier: nn.Module | None = None
) -> CycleGANState:
    """Return networks, optimizers and buffers at step 0, drawn from the global random generator.

    Args:
        config: the run.
        device: where the networks live.
        classifier: maps images of either domain to logits ``(N, K)``; needed if and only if
            ``config.semantic_weight`` is above 0. It is frozen.

    Raises:
        ValueError: an unknown ``cycle``; a loss without any term, or with a negative weight; more
            constant steps than steps; a classifier that is missing or has no use; images that do
            not suit the networks.
    """
    if config.cycle not in CYCLES:
        raise ValueError(f"cycle is {config.cycle!r}; accepted are {', '.join(CYCLES)}.")
    if not config.adversarial and config.cycle == "none":
        raise ValueError("With adversarial False and cycle 'none' there is nothing to train on.")
    for name in ("cycle_weight", "identity_weight", "semantic_weight"):
        if getattr(config, name) < 0:
            raise ValueError(f"{name} must not be negative, got {getattr(config, name)}.")
    linear_decay(0, config.steps, config.constant_steps)  # refuses more constant steps than steps
    if (classifier is None) != (config.semantic_weight == 0):
        raise ValueError(
            f"semantic_weight is {config.semantic_weight} and classifier is "
            f"{'missing' if classifier is None else 'given'}; give both or neither."
        )
    layout = memory_format(config.precision)
    shape = (config.channels, config.channels, config.width, config.blocks, config.downs)
    networks = [ResNetGenerator(*shape), ResNetGenerator(*shape), _judge(config), _judge(config)]
    with torch.no_grad():  # a size that does not fit is told now, not in the first step
        for network in (networks[0], networks[2]):
            network.eval()(torch.zeros(1, config.channels, config.size, config.size))
            network.train()
    a_to_b, b_to_a, judge_a, judge_b = (n.to(device, memory_format=layout) for n in networks)
    options = {"lr": config.learning_rate, "betas": (config.beta1, config.beta2), "fused": True}
    if classifier is not None:
        classifier = classifier.to(device).requires_grad_(False).eval()
    return CycleGANState(
        config=config,
        a_to_b=a_to_b,
        b_to_a=b_to_a,
        discriminator_a=judge_a,
        discriminator_b=judge_b,
        generator_optimizer=Adam([*a_to_b.parameters(), *b_to_a.parameters()], **options),
        discriminator_optimizer=Adam([*judge_a.parameters(), *judge_b.parameters()], **options),
        buffer_a=ImageBuffer(config.buffer_size),
        buffer_b=ImageBuffer(config.buffer_size),
        classifier=classifier,
    )


def step(state: CycleGANState, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    """Update both generators together, then both discriminators.

    Args:
        state: networks, optimizers and buffers; changed in place.
        batch: images of A and of B, each ``(N, channels, size, size)`` in [-1, 1], not paired.

    Returns:
        Detached scalars, those that the config's loss has: ``g_adversarial``, ``cycle_a``,
        ``cycle_b``, ``identity``, ``semantic``, ``g_loss`` (their weighted sum) and ``d_loss``,
        the sum over both discriminators.

    Raises:
        ValueError: a domain's images have another shape than the config says.
    """
    config = state.config
    layout = memory_format(config.precision)
    a, b = (_checked(images, name, config) for images, name in zip(batch, "AB", strict=True))
    a, b = (images.to(state.device).contiguous(memory_format=layout) for images in (a, b))
    rate = config.learning_rate * linear_decay(state.step, config.steps, config.constant_steps)
    set_learning_rate(state.generator_optimizer, rate)
    set_learning_rate(state.discriminator_optimizer, rate)

    fake_a, fake_b, metrics = update_generators(state, a, b)
    if config.adversarial:
        metrics |= update_discriminators(state, a, b, fake_a, fake_b)
    return {name: value.detach() for name, value in metrics.items()}


def update_generators(
    state: CycleGANState, a: Tensor, b: Tensor
) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Move G: A to B and F: B to A down one loss; return F(b), G(a), detached, and the terms."""
    config, losses = state.config, {}
    with frozen(state.discriminator_a), frozen(state.discriminator_b):
        with autocast(state.device, config.precision):
            fake_b, fake_a = state.a_to_b(a), state.b_to_a(b)
            if config.adversarial:
                on_a, on_b = state.discriminator_a(fake_a), state.discriminator_b(fake_b)
                losses["g_adversarial"] = least_squares_generator_loss(
                    on_a.float()
                ) + least_squares_generator_loss(on_b.float())
            if config.cycle in ("both", "forward"):
                losses["cycle_a"] = cycle_consistency_loss(state.b_to_a(fake_b).float(), a)
            if config.cycle in ("both", "backward"):
                losses["cycle_b"] = cycle_consistency_loss(state.a_to_b(fake_a).float(), b)
            if config.identity_weight:
                same_b, same_a = state.a_to_b(b).float(), state.b_to_a(a).float()
                losses["identity"] = identity_loss(same_b, b) + identity_loss(same_a, a)
        if config.semantic_weight:
            reads = state.classifier
            losses["semantic"] = semantic_loss(reads(fake_b.float()), reads(a)) + semantic_loss(
                reads(fake_a.float()), reads(b)
            )
        weights = {
            "g_adversarial": 1.0,
            "cycle_a": config.cycle_weight,
            "cycle_b": config.cycle_weight,
            "identity": config.identity_weight,
            "semantic": config.semantic_weight,
        }
        g_loss = sum(weights[name] * loss for name, loss in losses.items())
        state.generator_optimizer.zero_grad()
        g_loss.backward()
    state.generator_optimizer.step()
    return fake_a.detach(), fake_b.detach(), {**losses, "g_loss": g_loss}


def update_discriminators(
    state: CycleGANState, a: Tensor, b: Tensor, fake_a: Tensor, fake_b: Tensor
) -> dict[str, Tensor]:
    """Let each discriminator tell real images from detached fakes, old and new; return its loss."""
    shown_a = state.buffer_a.query(fake_a.float())
    shown_b = state.buffer_b.query(fake_b.float())
    with autocast(state.device, state.config.precision):
        real_a, read_a = state.discriminator_a(a), state.discriminator_a(shown_a)
        real_b, read_b = state.discriminator_b(b), state.discriminator_b(shown_b)
    d_loss = least_squares_discriminator_loss(
        real_a.float(), read_a.float()
    ) + least_squares_discriminator_loss(real_b.float(), read_b.float())
    state.discriminator_optimizer.zero_grad()
    d_loss.backward()
    state.discriminator_optimizer.step()
    return {"d_loss": d_loss}


def _judge(config: Config) -> nn.Module:
    """Return a discriminator of patches, or of whole images where ``discriminator_layers`` is 0."""
    channels, width = config.channels, config.discriminator_width
    if config.discriminator_layers == 0:
        return DCGANDiscriminator(channels, config.size, width)
    return PatchGAN(channels, width, config.discriminator_layers)


def _checked(images: Tensor, name: str, config: Config) -> Tensor:
    wanted = (config.channels, config.size, config.size)
    if images.ndim != 4 or tuple(images.shape[1:]) != wanted:
        expected = ", ".join(map(str, wanted))
        raise ValueError(
            f"Domain {name}: images must have shape (N, {expected}), got {tuple(images.shape)}."
        )
    return images


@torch.no_grad()
def _run(network: nn.Module, images: Tensor, device: torch.device, batch_size: int) -> Tensor:
    """Return the network's images, on the CPU; its mode is restored afterwards."""
    parts = images.split(batch_size)
    with eval_mode(network):
        return torch.cat([network(part.to(device)).float().cpu() for part in parts])
