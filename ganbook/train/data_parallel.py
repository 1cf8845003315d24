"""Data-parallel training: every process runs the same step on its part of the batch.

``DistributedDataParallel`` (DDP) averages the gradients of all processes while ``backward`` runs,
so all take the same optimizer step. Li et al. (2020), PyTorch Distributed, sections 3 and 4.

What is special about a GAN, and what is done about it:

- *Two networks, two backward passes.* Each network gets a DDP of its own. In the generator's turn
  the discriminator is frozen, so its DDP has nothing to send, and waits for nothing. DDP need not
  look for unused parameters.
- *Several forward passes before a backward.* DDP would copy process 0's buffers to all in each of
  them, between passes whose gradients are still to come. That is switched off; instead the buffers
  (batch norm's running averages) are averaged once, after the step.
- *Batch norm* takes the statistics of this process's part of the batch. On GPUs it is turned into
  SyncBatchNorm, which takes those of the whole batch; PyTorch has that for GPUs only.
- *The average of the weights (EMA)* counts images, of which a process sees only its part.
- *Checkpoints and samples* need the networks themselves, not their DDPs: a state holds a DDP only
  while a step runs.
- *Losses* are averaged over the processes, so what is shown is that of the whole batch.
"""

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from ganbook.nn.ema import EMA
from ganbook.train.processes import Processes

Step = Callable[[Any, Any], dict[str, Tensor]]


def data_parallel(step: Step, state: Any, processes: Processes) -> Step:
    """Return a step that gives every process's ``state`` the update of all processes' batches.

    With the same latents and noise it is the update of one process on the joined batch, as long as
    the networks have no batch norm, and no average over a batch stands inside a root or a quotient.

    Args:
        step: of the GAN.
        state: of this process, alike in all; its EMA and batch norm layers are adapted in place.
        processes: with a count of 1, ``step`` itself is returned.
    """
    if processes.count == 1:
        return step
    networks = trained_networks(state)
    if processes.device.type == "cuda":
        for name, network in networks.items():
            networks[name] = nn.SyncBatchNorm.convert_sync_batchnorm(network)
            setattr(state, name, networks[name])
    for part in vars(state).values():
        if isinstance(part, EMA):
            part.half_life_images /= processes.count
    wrapped = {name: _wrap(network, processes) for name, network in networks.items()}
    buffers = [
        buffer
        for part in vars(state).values()
        if isinstance(part, nn.Module)
        for buffer in part.buffers()
        if buffer.is_floating_point()
    ]

    def parallel_step(state: Any, batch: Any) -> dict[str, Tensor]:
        vars(state).update(wrapped)
        try:
            metrics = step(state, batch)
        finally:
            vars(state).update(networks)
        _average(buffers, processes)
        means = processes.mean(torch.stack([value.float() for value in metrics.values()]))
        return dict(zip(metrics, means))

    return parallel_step


def trained_networks(state: Any) -> dict[str, nn.Module]:
    """Return the fields of a state that are networks with parameters to train, by name."""
    values = {field.name: getattr(state, field.name) for field in fields(state)}
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, nn.Module) and any(p.requires_grad for p in value.parameters())
    }


def has_batch_norm(state: Any) -> bool:
    """Return whether a network that is trained takes statistics over the batch."""
    return any(
        isinstance(layer, nn.modules.batchnorm._BatchNorm)
        for network in trained_networks(state).values()
        for layer in network.modules()
    )


def _wrap(network: nn.Module, processes: Processes) -> DistributedDataParallel:
    devices = [processes.device] if processes.device.type == "cuda" else None
    accepted = inspect.signature(DistributedDataParallel).parameters
    # Renamed in PyTorch 2.14; the old name warns there.
    name = "forward_sync_buffers" if "forward_sync_buffers" in accepted else "broadcast_buffers"
    return DistributedDataParallel(network, device_ids=devices, **{name: False})


@torch.no_grad()
def _average(tensors: list[Tensor], processes: Processes) -> None:
    """Replace tensors by their mean over all processes, in one message."""
    if not tensors:
        return
    means = processes.mean(torch.cat([tensor.flatten() for tensor in tensors]))
    for tensor, mean in zip(tensors, means.split([tensor.numel() for tensor in tensors])):
        tensor.copy_(mean.view_as(tensor))
