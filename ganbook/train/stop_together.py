"""Ctrl-C and SIGTERM, for one process and for several: all stop after the same step."""

import os
import signal
from typing import Any

from torch import Tensor

from ganbook.train.processes import Processes

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopTogether:
    """A callback for ``fit``: ask after each step whether one process was told to stop.

    A process that stopped alone would leave the others waiting for its gradients. ``fit`` has its
    own answer to Ctrl-C; this one stands before it, and hands the signal on when all agree.
    ``SIGTERM``, which a cluster sends before it takes a machine away, means the same. A second
    Ctrl-C stops a single process at once; to several it comes twice, from terminal and torchrun.

    Use it twice: ``with stop: fit(…, callbacks=[stop, …])``.
    """

    def __init__(self, processes: Processes):
        self.processes = processes
        self.process, self.told = os.getpid(), False
        self.before: list[dict] = []

    def __enter__(self):
        """Listen; once around ``fit``, and again when ``fit``, now listening itself, enters it."""
        self.before.append({number: signal.signal(number, self._remember) for number in SIGNALS})
        return self

    def _remember(self, number: int, frame: Any) -> None:
        if os.getpid() != self.process:  # a DataLoader's worker, forked from this process
            if number == signal.SIGTERM:
                os._exit(1)
            return  # Ctrl-C: the step that it reads for is finished
        if self.told and self.processes.count == 1:
            raise KeyboardInterrupt
        self.told = True

    def __call__(self, state: Any, metrics: dict[str, Tensor]) -> None:
        """Hand Ctrl-C on to ``fit`` if one of the processes was told to stop."""
        if self.processes.any(self.told):
            self.before[-1][signal.SIGINT](signal.SIGINT, None)  # fit stops after the callbacks

    def __exit__(self, *error):
        before = self.before.pop()
        for number in SIGNALS:  # from within fit: listen on, while the others save
            signal.signal(number, self._remember if self.before else before[number])
