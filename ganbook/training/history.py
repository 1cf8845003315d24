"""The numbers of each step, kept without waiting for the GPU."""

import torch
from torch import Tensor


class History:
    """One scalar a name and step; reading ``history["d_loss"]`` gives a list of floats.

    Values stay tensors on their device until they are read, so recording never stops a GPU.
    """

    def __init__(self):
        self._values: dict[str, list[Tensor]] = {}

    def append(self, metrics: dict[str, Tensor]) -> None:
        """Add the metrics of one step; each step must bring the same names."""
        if self._values and metrics.keys() != self._values.keys():
            raise ValueError(f"Expected the metrics {self.names}, got {list(metrics)}.")
        for name, value in metrics.items():
            values = self._values.setdefault(name, [])
            if values and values[-1].device != value.device:  # loaded to the CPU, now on a GPU
                values[:] = [earlier.to(value.device) for earlier in values]
            values.append(value.detach())

    @property
    def names(self) -> list[str]:
        """The metrics recorded."""
        return list(self._values)

    def __len__(self) -> int:
        """Return the number of steps recorded."""
        return len(next(iter(self._values.values()), []))

    def __getitem__(self, name: str) -> list[float]:
        if name not in self._values:
            raise KeyError(f"No metric {name!r}; recorded are {', '.join(self.names) or 'none'}.")
        return torch.stack(self._values[name]).tolist()

    def state_dict(self) -> dict[str, Tensor]:
        """Return one tensor a name."""
        return {name: torch.stack(values).cpu() for name, values in self._values.items()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue the history that gave ``state``."""
        self._values = {name: list(values.unbind()) for name, values in state.items()}
