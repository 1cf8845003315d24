"""Batches of two domains without pairs, each domain in its own order."""

from torch import Tensor
from torch.utils.data import Dataset

from ganbook.data.stream import BatchStream


class UnpairedStream:
    """Yield ``(a, b)`` for ever: a batch of each domain, ``(N, C, H, W)`` each.

    Each domain is shuffled on its own and starts again on its own, so the larger one is seen whole;
    ``zip`` would stop at the end of the smaller one. Two domains of equal length get different
    orders: a data set whose halves correspond must not give the pairs away. Labels, if the data
    sets have them, are left out.

    Args:
        a, b: data sets whose items are images ``(C, H, W)`` or tuples that begin with one; the
            first image of each is looked at.
        batch_size: images of each domain.
        seed: of both orders.
        num_workers: processes that load each domain; see :class:`BatchStream`.
        share: this process's part of every batch; see there.

    Raises:
        ValueError: a domain is empty or smaller than a batch (the message says which), images of
            the two domains differ in channels or size, or ``batch_size`` is not positive.
    """

    def __init__(
        self,
        a: Dataset,
        b: Dataset,
        batch_size: int,
        seed: int = 0,
        num_workers: int = 0,
        share: tuple[int, int] = (0, 1),
    ):
        for name, domain in (("A", a), ("B", b)):
            if len(domain) == 0:
                raise ValueError(f"Domain {name} is empty.")
            if len(domain) < batch_size:
                raise ValueError(
                    f"Domain {name} has {len(domain)} images, fewer than one batch of {batch_size}."
                )
        shape_a, shape_b = _image_shape(a), _image_shape(b)
        if shape_a != shape_b:
            raise ValueError(
                "The two domains need images of equal channels and size, (C, H, W): "
                f"domain A has {shape_a}, domain B has {shape_b}."
            )
        self.a = BatchStream(a, batch_size, 2 * seed, num_workers, share)
        self.b = BatchStream(b, batch_size, 2 * seed + 1, num_workers, share)

    def __len__(self) -> int:
        """Return the number of batches in which the larger domain is seen once."""
        return max(len(self.a), len(self.b))

    def __iter__(self) -> "UnpairedStream":
        return self

    def __next__(self) -> tuple[Tensor, Tensor]:
        return next(self.a)[0], next(self.b)[0]

    def state_dict(self) -> dict[str, dict[str, int]]:
        """Return what is needed to continue from here."""
        return {"a": self.a.state_dict(), "b": self.b.state_dict()}

    def load_state_dict(self, state: dict[str, dict[str, int]]) -> None:
        """Continue where the stream that gave ``state`` was.

        Raises:
            ValueError: not the state of two domains, or one of another size or batch size; this
                stream is unchanged then.
        """
        if set(state) != {"a", "b"}:
            raise ValueError(f"The saved stream has {', '.join(state)}, not two domains a and b.")
        before = self.a.state_dict()
        for name, stream in (("A", self.a), ("B", self.b)):
            try:
                stream.load_state_dict(state[name.lower()])
            except ValueError as error:
                self.a.load_state_dict(before)
                raise ValueError(f"Domain {name}: {error}") from error


def _image_shape(domain: Dataset) -> tuple[int, ...]:
    item = domain[0]
    return tuple((item if isinstance(item, Tensor) else item[0]).shape)
