"""Exponential moving average of a network's weights."""

import copy

import torch
from torch import nn


class EMA(nn.Module):
    r"""Keep a smoothed copy of a network in ``.module``.

    After a batch of :math:`B` images,

    .. math:: \bar\theta \leftarrow \beta\,\bar\theta + (1 - \beta)\,\theta,
              \qquad \beta = 2^{-B / h}

    where the half-life :math:`h` is counted in images, so that it means the same at every batch
    size. Early in training the half-life is shortened to ``ramp`` times the images seen; otherwise
    the average would remember the untrained weights for long.

    Floating-point buffers (batch norm's running statistics) are averaged as the weights are;
    integer buffers are copied. The copy is in eval mode and asks for no gradient.

    Args:
        source: the network to follow.
        half_life_images: :math:`h`, at least 1.
        ramp: share of the images seen that caps the half-life; ``None`` for no cap.

    Raises:
        ValueError: the half-life is below 1.

    Source: Karras et al. (2018), appendix A.1; the ramp is that of StyleGAN2's code.
    """

    def __init__(self, source: nn.Module, half_life_images: float, ramp: float | None = 0.05):
        super().__init__()
        if half_life_images < 1:
            raise ValueError(f"half_life_images must be at least 1, got {half_life_images}.")
        self.module = copy.deepcopy(source).eval().requires_grad_(False)
        self.half_life_images = half_life_images
        self.ramp = ramp
        self.register_buffer("images_seen", torch.zeros((), dtype=torch.int64))
        self._seen = 0

    @torch.no_grad()
    def update(self, source: nn.Module, batch_size: int) -> None:
        """Move the average towards ``source`` after a step on ``batch_size`` images."""
        self._seen = int(self._seen) + batch_size
        self.images_seen.fill_(self._seen)
        half_life = self.half_life_images
        if self.ramp is not None:
            half_life = max(1e-8, min(half_life, self.ramp * self._seen))
        weight = 1 - 0.5 ** (batch_size / half_life)
        for average, value in zip(
            self.module.state_dict().values(), source.state_dict().values(), strict=True
        ):
            if average.is_floating_point():
                average.lerp_(value.to(average.dtype), weight)
            else:
                average.copy_(value)

    def load_state_dict(self, state: dict, *args, **kwargs):  # keep the Python counter in step
        result = super().load_state_dict(state, *args, **kwargs)
        self._seen = int(self.images_seen)
        return result

    def train(self, mode: bool = True) -> "EMA":
        """Stay in eval mode whatever is asked: the average is only ever sampled from."""
        return super().train(False)
