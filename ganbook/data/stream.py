"""An endless, shuffled stream of batches that can be stopped and resumed exactly."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset


class BatchStream:
    """Yield batches for ever, each epoch in a new order, as tuples of tensors.

    The order depends on ``seed`` and the epoch's number alone, so a stream restored by
    ``load_state_dict`` continues with the very batch that would have come next. The last,
    incomplete batch of an epoch is dropped.

    Args:
        dataset: a map-style data set whose items are tensors or tuples of tensors (or ints).
        batch_size: images a batch, those of all processes together.
        seed: of the order.
        num_workers: processes that load; 0 loads in this one. With workers, a random transform
            draws from the workers' generators, which a resume does not restore.
        share: ``(k, n)`` where n processes train together: this one, k, gets the k-th of n equal
            parts of every batch. The order is the same as that of one process.

    Raises:
        ValueError: the data set is smaller than one batch, ``batch_size`` is not positive, or it
            cannot be shared equally.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        seed: int = 0,
        num_workers: int = 0,
        share: tuple[int, int] = (0, 1),
    ):
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}.")
        if batch_size % share[1]:
            raise ValueError(
                f"batch_size is {batch_size}; it must be a multiple of the {share[1]} processes."
            )
        if len(dataset) < batch_size:
            raise ValueError(
                f"The data set has {len(dataset)} items, fewer than one batch of {batch_size}."
            )
        self.dataset = dataset
        self.batch_size = batch_size
        self.seed = seed
        self.num_workers = num_workers
        self.share = share
        self.epoch = 0
        self.position = 0  # batches of this epoch already handed out
        self._epoch_batches: Iterator | None = None

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return len(self.dataset) // self.batch_size

    def __iter__(self) -> "BatchStream":
        return self

    def __next__(self) -> tuple[Tensor, ...]:
        if self.position == len(self):
            self.epoch, self.position, self._epoch_batches = self.epoch + 1, 0, None
        if self._epoch_batches is None:
            self._epoch_batches = self._rest_of_epoch()
        batch = next(self._epoch_batches)
        self.position += 1
        return (batch,) if isinstance(batch, Tensor) else tuple(batch)

    def state_dict(self) -> dict[str, int]:
        """Return what is needed to continue from here."""
        return {
            "seed": self.seed,
            "epoch": self.epoch,
            "position": self.position,
            "items": len(self.dataset),
            "batch_size": self.batch_size,
        }

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Continue where the stream that gave ``state`` was.

        Raises:
            ValueError: that stream had another data set size or batch size.
        """
        for name, here in (("items", len(self.dataset)), ("batch_size", self.batch_size)):
            if state[name] != here:
                raise ValueError(f"The saved stream has {name} = {state[name]}, this one {here}.")
        self.seed, self.epoch, self.position = state["seed"], state["epoch"], state["position"]
        self._epoch_batches = None

    def _rest_of_epoch(self) -> Iterator:
        # One generator per (seed, epoch): epoch 7 can be drawn without drawing epochs 0 to 6.
        order = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        shuffled = torch.randperm(len(self.dataset), generator=order)
        batches = shuffled[: len(self) * self.batch_size].view(-1, self.batch_size)[self.position :]
        batches = batches.chunk(self.share[1], dim=1)[self.share[0]]
        if isinstance(self.dataset, TensorDataset):  # in memory: one indexing operation a batch
            return (self.dataset[indices] for indices in batches)
        # The loader draws a seed for its workers; from its own generator, not from the global one.
        own = torch.Generator().manual_seed(self.seed + self.epoch)
        batches = batches.tolist()
        return iter(
            DataLoader(
                self.dataset, batch_sampler=batches, num_workers=self.num_workers, generator=own
            )
        )
