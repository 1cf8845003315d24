r"""Generative latent optimization: a generator and one learned code for each training image.

.. math:: \min_\theta \frac1N \sum_i \min_{z_i,\,\lVert z_i\rVert \le 1}
          \ell\big(G_\theta(z_i), x_i\big)

There is no encoder and no discriminator. Regression from *unrelated* noise learns the mean image;
here the codes move too, until similar images have similar codes, and the regression has an answer.

Source: Bojanowski, Joulin, Lopez-Paz & Szlam (2018), Optimizing the latent space of generative
networks. Deviations: Adam and SparseAdam, where the paper has plain gradient descent; random codes
at the start, on the sphere, as in one of the paper's two settings.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.optim import Adam, SparseAdam

from ganbook.generation.state import CodeState
from ganbook.losses.laplacian import laplacian_pyramid_loss
from ganbook.losses.reconstruction import reconstruction_loss
from ganbook.models.vae import ConvDecoder, logits_to_images
from ganbook.runtime import autocast, memory_format

LOSSES = ("laplacian", "l1", "l2")


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with.

    Raises:
        ValueError: another loss, or fewer than two images.
    """

    images: int  # in the training set: each has its code
    channels: int = 1
    size: int = 32
    latent_dim: int = 32
    width: int = 32
    loss: str = "laplacian"
    learn_codes: bool = True  # False: the codes stay the noise they start as
    learning_rate: float = 1e-3
    code_learning_rate: float = 1e-2
    precision: str = "float32"

    def __post_init__(self):
        if self.loss not in LOSSES:
            raise ValueError(f"loss is {self.loss!r}; accepted are {', '.join(LOSSES)}.")
        if self.images < 2:
            raise ValueError(f"images must be at least 2, got {self.images}.")


class CodesAndDecoder(nn.Module):
    """The decoder, and beside it one code for each image, within the unit ball."""

    def __init__(self, config: Config):
        super().__init__()
        self.decoder = ConvDecoder(config.latent_dim, config.channels, config.size, config.width)
        on_sphere = normalize(torch.randn(config.images, config.latent_dim))
        self.codes = nn.Embedding.from_pretrained(on_sphere, freeze=False, sparse=True)

    def decode(self, z: Tensor) -> Tensor:
        """Return logits ``(N, C, H, W)`` of codes ``(N, latent_dim)``."""
        return self.decoder(z)

    def forward(self, indices: Tensor) -> Tensor:
        """Return logits of the codes of these images ``(N,)``."""
        return self.decode(self.codes(indices))


@dataclass
class GLOState(CodeState):
    """The networks, their two optimizers and the counters."""

    code_optimizer: SparseAdam | None = None

    def latents(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw ``(n, latent_dim)`` codes from the Gaussian that fits the learned ones.

        Mean and full covariance, as the paper draws its samples: the codes fill the ball unevenly.
        """
        codes = self.network.codes.weight.detach().double().cpu()
        centred = codes - codes.mean(0)
        # A standard normal times centred / sqrt(n - 1) has the codes' covariance.
        directions = torch.linalg.svd(centred / (len(codes) - 1) ** 0.5, full_matrices=False)
        noise = torch.randn(n, len(directions.S), generator=generator).double()
        z = codes.mean(0) + noise * directions.S @ directions.Vh
        return z.float().to(self.device)

    def reconstruct(self, indices: Tensor) -> Tensor:
        """Return the training images ``(N, C, H, W)`` as their codes draw them, on the CPU."""
        return self.generate(self.network.codes.weight.detach()[indices.to(self.device)])


def build(config: Config, device: torch.device | str = "cpu") -> GLOState:
    """Return the networks and optimizers at step 0, drawn from the global random generator."""
    network = CodesAndDecoder(config).to(device, memory_format=memory_format(config.precision))
    network.codes.requires_grad_(config.learn_codes)
    return GLOState(
        config,
        network,
        Adam(network.decoder.parameters(), lr=config.learning_rate, fused=True),
        # Sparse: only the codes of the batch's images move, also with Adam's momentum.
        # A code's gradient is far below 1e-8, the usual eps, where the loss is a mean over pixels.
        code_optimizer=SparseAdam(
            network.codes.parameters(), lr=config.code_learning_rate, eps=1e-15
        ),
    )


def step(state: GLOState, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Update the decoder and the codes of the batch's images once; put the codes into the ball.

    Args:
        state: networks and optimizers; changed in place.
        batch: images ``(N, C, H, W)`` in [-1, 1] and their numbers ``(N,)`` int64, each image's
            place in the training set: ``TensorDataset(images, torch.arange(len(images)))``.

    Returns:
        Detached scalars: ``loss``, and ``code_norm``, the mean length of the batch's codes.

    Raises:
        ValueError: the batch holds no numbers.
    """
    config = state.config
    if len(batch) < 2 or batch[1].dtype != torch.int64 or batch[1].shape != batch[0].shape[:1]:
        raise ValueError(
            "A batch must hold images (N, C, H, W) and their int64 numbers (N,), got "
            f"{[(tuple(part.shape), part.dtype) for part in batch]}."
        )
    images = batch[0].to(state.device).contiguous(memory_format=memory_format(config.precision))
    indices = batch[1].to(state.device)

    with autocast(state.device, config.precision):
        logits = state.network(indices).float()
    drawn = logits_to_images(logits)
    if config.loss == "laplacian":
        loss = laplacian_pyramid_loss(drawn, images, levels=3)
    else:
        loss = reconstruction_loss(drawn, images, config.loss)
    state.optimizer.zero_grad()
    state.code_optimizer.zero_grad()
    loss.backward()
    state.optimizer.step()
    if config.learn_codes:
        state.code_optimizer.step()
    codes = state.network.codes.weight.detach()
    codes[indices] = project_to_ball(codes[indices])
    return {"loss": loss.detach(), "code_norm": codes[indices].norm(dim=1).mean()}


def project_to_ball(z: Tensor) -> Tensor:
    """Return codes ``(N, latent_dim)``, those longer than 1 shortened to 1."""
    return z / z.norm(dim=1, keepdim=True).clamp(min=1)
