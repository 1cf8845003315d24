"""Several processes, one a device: started by ``torchrun``, or just this one.

torchrun starts them and tells each its number in environment variables; PyTorch alone does the
rest. Hugging Face Accelerate would give the same processes through one more package, and wants to
own networks, optimizers and loaders, while here the step functions stay as they are in the book.
"""

import os
from dataclasses import dataclass, field

import torch
import torch.distributed as dist
from torch import Tensor


@dataclass(frozen=True)
class Processes:
    """This process's number, from 0, how many there are, and its device."""

    rank: int = 0
    count: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def share(self) -> tuple[int, int]:
        """Number and count, as a ``BatchStream`` takes them."""
        return self.rank, self.count

    def mean(self, values: Tensor) -> Tensor:
        """Return the mean of a tensor over all processes, the same in each."""
        if self.count > 1:
            values = values.clone()
            dist.all_reduce(values)
            values /= self.count
        return values

    def any(self, flag: bool) -> bool:
        """Return whether the flag is set in one process; no GPU waits for it."""
        if self.count == 1:
            return flag
        flags = torch.tensor(int(flag))  # on the CPU
        dist.all_reduce(flags)
        return bool(flags)

    def gather(self, thing: object) -> list:
        """Return each process's ``thing``, in the order of their numbers, in every process."""
        if self.count == 1:
            return [thing]
        things = [None] * self.count
        dist.all_gather_object(things, thing)
        return things

    def wait(self) -> None:
        """Let all processes reach this line."""
        if self.count > 1:
            dist.barrier()


def start() -> Processes:
    """Join the processes that torchrun started, if it did; choose this one's device."""
    rank, count = (
        int(os.environ.get(name, fall)) for name, fall in (("RANK", 0), ("WORLD_SIZE", 1))
    )
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else None
    if cuda:
        torch.cuda.set_device(device)
    if count > 1:
        # gloo for what is on the CPU, NCCL for what is on a GPU
        dist.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo")
    return Processes(rank, count, device or torch.device("cpu"))


def stop() -> None:
    """Leave the group of processes, if there is one."""
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()
