"""What a diagnosis looks at: a few numbers of a GAN in training, cheap enough to take often."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

Features = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Look:
    """One look at a GAN. What cannot be measured is None."""

    step: int
    certainty: float  # of the discriminator: 1 means right and sure about everything
    told_apart: float  # share of pairs (real, fake) in which the real one has the higher score
    scale: float  # standard deviation of all scores, real and fake
    gradient: float  # length of the gradient that the last step left at the generator
    passed_on: float  # the same, over the length that the mean score itself would give
    moved: float | None  # relative change of the generator's parameters since the last look
    missing: float  # share of the real samples that lie where the generator draws hardly anything
    center: Tensor  # (D,) mean fake, in units of the real samples' spread
    by_heart: float | None  # 0: samples held out please D as the training ones do; 1: as fakes do
    company: float | None  # mean D of fakes among themselves minus what the step reported


def certainty(real_logits: Tensor, fake_logits: Tensor) -> float:
    r"""Return the smaller of the means of :math:`D(x)` and :math:`1 - D(G(z))`.

    It is 1/2 for a discriminator that does not know, and 1 for one that is right and sure.
    """
    right = torch.stack([real_logits.sigmoid().mean(), (-fake_logits).sigmoid().mean()])
    return right.min().item()


def told_apart(real_logits: Tensor, fake_logits: Tensor) -> float:
    """Return the share of pairs (real, fake) whose real sample scores higher; a tie counts half.

    Whatever the scale of the scores: 1/2 for a guess, 1 if every real one is above every fake one.
    """
    difference = real_logits[:, None] - fake_logits[None]
    return ((difference > 0).float() + 0.5 * (difference == 0)).mean().item()


def held_out_gap(train_logits: Tensor, held_out_logits: Tensor, fake_logits: Tensor) -> float:
    r"""Return how far held-out real samples are treated as fakes: 0 not at all, 1 just like them.

    .. math:: r_v = \frac{\mathbb{E}[\ell_\text{train}] - \mathbb{E}[\ell_\text{held out}]}
                         {\mathbb{E}[\ell_\text{train}] - \mathbb{E}[\ell_\text{fake}]}

    It is 0 where fakes score as high as the training samples, since nothing is learnt then.

    Source: Karras et al. (2020), Training GANs with Limited Data, equation 1.
    """
    train, held_out, fake = (x.mean().item() for x in (train_logits, held_out_logits, fake_logits))
    return 0.0 if train <= fake else (train - held_out) / (train - fake)


def cell_centers(samples: Tensor, cells: int, rounds: int = 10) -> Tensor:
    """Return ``(cells, D)`` centres of k-means on ``(N, D)``, started from points far apart."""
    start = [int((samples - samples.mean(0)).norm(dim=1).argmin())]
    for _ in range(cells - 1):
        start.append(int(torch.cdist(samples, samples[start]).amin(1).argmax()))
    centers = samples[start]
    for _ in range(rounds):
        nearest = torch.cdist(samples, centers).argmin(1)
        inside = torch.nn.functional.one_hot(nearest, cells).to(samples.dtype)  # (N, cells)
        means = inside.T @ samples / inside.sum(0).clamp(min=1)[:, None]
        centers = torch.where(inside.sum(0)[:, None] > 0, means, centers)
    return centers


def missing_share(fake: Tensor, real: Tensor, centers: Tensor) -> float:
    """Return the share of real samples in cells that get under a quarter of their due of fakes.

    A cell is all points nearest to one centre. Fakes that miss the data but surround it fill every
    cell: this asks for variety, not for quality.

    Args:
        fake: ``(N, D)``.
        real: ``(M, D)``.
        centers: ``(K, D)``, of :func:`cell_centers`.

    Source: after Richardson & Weiss (2018), section 3, who count the bins that differ
    significantly.
    """
    share = [
        torch.cdist(samples, centers).argmin(1).bincount(minlength=len(centers)) / len(samples)
        for samples in (fake, real)
    ]
    return share[1][share[0] < share[1] / 4].sum().item()


def gradient_norm(network: nn.Module) -> float:
    """Return the length of the gradient now stored in ``network``; 0 if there is none."""
    gradients = [p.grad.norm() for p in network.parameters() if p.grad is not None]
    return torch.stack(gradients).norm().item() if gradients else 0.0


class Probe:
    """Fixed samples and latents with which looks at one run are taken.

    Args:
        real: training samples ``(N, *sample_shape)``, at least 32; a few hundred are enough.
        held_out: real samples that are never trained on; None leaves ``by_heart`` unmeasured.
        features: from samples to ``(N, D)``, in which variety and movement are measured; the
            flattened samples by default.
        cells: number of cells for :func:`missing_share`.
        seed: of the latents.

    Raises:
        ValueError: fewer than 32 real samples, or held-out ones of another shape.
    """

    def __init__(
        self,
        real: Tensor,
        held_out: Tensor | None = None,
        features: Features | None = None,
        cells: int = 10,
        seed: int = 0,
    ):
        if len(real) < 32:
            raise ValueError(f"real must hold at least 32 samples, got {len(real)}.")
        if held_out is not None and held_out.shape[1:] != real.shape[1:]:
            raise ValueError(
                f"held_out must have the shape of real, {tuple(real.shape[1:])} each, "
                f"got {tuple(held_out.shape[1:])}."
            )
        self.real, self.held_out, self.seed = real, held_out, seed
        self.features = (lambda samples: samples.flatten(1)) if features is None else features
        self.known = self.features(real).float()  # (N, D)
        self.centers = cell_centers(self.known, cells)
        self.spread = (self.known - self.known.mean(0)).norm(dim=1).square().mean().sqrt()
        self.weights: Tensor | None = None  # the generator's, at the last look

    def look(self, state: Any, metrics: dict[str, Tensor]) -> Look:
        """Measure ``state`` right after a step that returned ``metrics``; nothing in it changes.

        The networks are looked at as they train, in training mode, real and fake samples each in
        a batch of their own. Copies do it, so that no running average moves; and the global random
        generators are put back.
        """
        device = state.device
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            torch.manual_seed(self.seed)
            generator, discriminator = (
                deepcopy(network).train() for network in (state.generator, state.discriminator)
            )
            fake = generator(state.latents(len(self.real)))
            on_fake = discriminator(fake).float().flatten()
            raw = torch.autograd.grad(on_fake.mean(), list(generator.parameters()))
            with torch.no_grad():
                on_real = discriminator(self.real.to(device)).float().flatten()
                by_heart = None
                if self.held_out is not None:
                    on_held_out = discriminator(self.held_out.to(device)).float()
                    by_heart = held_out_gap(on_real, on_held_out, on_fake)
        on_real, on_fake = on_real.cpu(), on_fake.detach().cpu()
        drawn = self.features(fake.detach().float().cpu()).float()
        gradient = (
            metrics["g_grad"].item() if "g_grad" in metrics else gradient_norm(state.generator)
        )
        weights = torch.cat([p.detach().flatten().cpu() for p in state.generator.parameters()])
        before, self.weights = self.weights, weights
        return Look(
            step=state.step,
            certainty=certainty(on_real, on_fake),
            told_apart=told_apart(on_real, on_fake),
            scale=torch.cat([on_real, on_fake]).std().item(),
            gradient=gradient,
            passed_on=gradient / max(torch.stack([g.norm() for g in raw]).norm().item(), 1e-30),
            moved=None if before is None else ((weights - before).norm() / before.norm()).item(),
            missing=missing_share(drawn, self.known, self.centers),
            center=drawn.mean(0) / self.spread,
            by_heart=by_heart,
            company=_company(state, on_fake, metrics),
        )


def _company(state: Any, alone: Tensor, metrics: dict[str, Tensor]) -> float | None:
    """Compare mean D of fakes on their own with what the step saw; only batch norm can differ."""
    if not any(isinstance(module, _BatchNorm) for module in state.discriminator.modules()):
        return None
    if "d_fake" not in metrics or getattr(state.config, "instance_noise", 0):  # other inputs there
        return None
    return alone.sigmoid().mean().item() - metrics["d_fake"].item()
