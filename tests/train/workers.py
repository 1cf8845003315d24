"""What two processes run in the tests: started by torchrun, writes what it found to a file.

    torchrun --nproc_per_node=2 tests/train/workers.py FOLDER

The same functions run as one process in the test itself, which compares.
"""

import os
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import torch
from torch import nn

from ganbook.data.masks import random_masks
from ganbook.gans import cyclegan, dcgan, inpainting, pix2pix, srgan, stable, vanilla
from ganbook.train import processes as group
from ganbook.train.data_parallel import data_parallel, trained_networks
from ganbook.training.image_buffer import ImageBuffer

POINTS = {"sample_shape": (2,), "latent_dim": 4, "width": 8}
SMALL = {"size": 16, "width": 4, "discriminator_width": 4, "discriminator_layers": 1}
BATCH, STEPS = 8, 3

# GANs without batch norm: their step, and whether a batch is of two images
CASES = {
    "vanilla": (vanilla, vanilla.Config((1, 4, 4), 4, 8, ema_half_life=30), [(1, 4, 4)]),
    "r1": (stable, stable.Config(**POINTS, penalty="r1", gradient_clip=0.1), [(2,)]),
    "wgan-clip": (stable, stable.wgan_clip(**POINTS, n_critic=1), [(2,)]),
    "pix2pix": (
        pix2pix,
        pix2pix.Config(**SMALL, downs=3, norm="instance", dropout=0, ema_half_life=30, steps=9),
        [(3, 16, 16)] * 2,
    ),
    "cyclegan": (
        cyclegan,
        cyclegan.Config(**SMALL, blocks=1, steps=9, constant_steps=1, identity_weight=0.5),
        [(3, 16, 16)] * 2,
    ),
    "inpainting": (
        inpainting,
        inpainting.Config(**SMALL, downs=3, norm="instance", ema_half_life=30, steps=9),
        [(3, 16, 16)],
    ),
    "srgan": (
        srgan,
        srgan.Config(**SMALL, blocks=1, ema_half_life=30, steps=9, adversarial_weight=0.1),
        [(3, 16, 16)],
    ),
}
# They turn into float32 what they show the discriminator, or draw masks in it.
SINGLE = ("r1", "cyclegan", "inpainting", "srgan")


def train(name, processes):
    """Return gradients of the first step, weights and averages after some, and all losses.

    In double precision where the losses allow it: Adam divides by the gradient's size, so where
    that is nearly 0 it makes much of the order in which float32 numbers were added.
    """
    torch.set_default_dtype(torch.float32 if name in SINGLE else torch.float64)
    try:
        return _train(name, processes)
    finally:
        torch.set_default_dtype(torch.float32)


def _train(name, processes):
    gan, config, shapes = CASES[name]
    torch.manual_seed(0)
    state = gan.build(config)
    step = data_parallel(gan.step, state, processes)
    given = torch.Generator().manual_seed(1)
    losses, gradients = [], {}
    for _ in range(STEPS):
        batch = [torch.rand(BATCH, *shape, generator=given) for shape in shapes]
        if hasattr(config, "latent_dim"):
            latents = part(torch.randn(BATCH, config.latent_dim, generator=given), processes)
            state.latents = lambda n, latents=latents: latents
        masked = nullcontext()
        if gan is inpainting:
            masks = part(random_masks(BATCH, config.size, generator=given), processes)
            masked = patch.object(inpainting, "random_masks", lambda *_, masks=masks: masks)
        with masked:
            metrics = step(state, tuple(part(images, processes) for images in batch))
        state.step += 1
        gradients = gradients or _gradients(state)  # of the first step
        losses.append({name: value.item() for name, value in metrics.items()})
    networks = dict(trained_networks(state))
    assert not any(isinstance(n, nn.parallel.DistributedDataParallel) for n in networks.values())
    if getattr(state, "ema", None) is not None:
        networks["ema"] = state.ema.module
    weights = {
        f"{network}.{key}": value
        for network, module in networks.items()
        for key, value in module.state_dict().items()
    }
    return {"weights": weights, "gradients": gradients, "losses": losses}


def _gradients(state):
    return {
        f"{network}.{key}": value.grad.clone()
        for network, module in trained_networks(state).items()
        for key, value in module.named_parameters()
        if value.grad is not None
    }


def part(batch, processes):
    return batch.chunk(processes.count)[processes.rank]


def with_batch_norm(processes):
    """Train a DCGAN; return how far running averages are apart, and those of this process alone."""
    torch.manual_seed(0)
    state = dcgan.build(dcgan.Config(size=16, width=4, latent_dim=4, ema_half_life=30))
    alone = dcgan.build(state.config)
    alone.generator.load_state_dict(state.generator.state_dict())
    alone.discriminator.load_state_dict(state.discriminator.state_dict())
    step = data_parallel(dcgan.step, state, processes)
    torch.manual_seed(5 + processes.rank)  # each process draws latents of its own
    drawn = torch.get_rng_state()
    real = torch.rand(BATCH, 3, 16, 16)
    step(state, (real,))
    torch.set_rng_state(drawn)
    torch.rand(BATCH, 3, 16, 16)
    dcgan.step(alone, (real,))
    return {
        "together": {**_means(state.generator), **_means(state.ema.module, "ema.")},
        "alone": _means(alone.generator),
    }


def _means(network, prefix=""):
    state = network.state_dict()
    return {prefix + key: value for key, value in state.items() if "running" in key}


def main(folder):
    processes = group.start()
    found = {name: train(name, processes) for name in CASES}
    found["batch norm"] = with_batch_norm(processes)
    rank = processes.rank
    found["processes"] = {
        "rank": rank,
        "count": processes.count,
        "mean": processes.mean(torch.tensor([1.0 + 2 * rank])),
        "any": [processes.any(False), processes.any(rank == 1), processes.any(True)],
        "gather": processes.gather({"rank": rank, "rows": torch.full((1 + rank,), rank)}),
    }
    found["each process"] = _each_process(processes)
    found["commands"] = _commands(processes, Path(folder))
    processes.wait()
    torch.save(found, Path(folder) / f"{rank}.pt")
    group.stop()


def _each_process(processes):
    from types import SimpleNamespace

    from ganbook.train.each_process import EachProcess
    from tests.train.test_each_process import Counter, State

    state = State(buffer=ImageBuffer(2))
    state.buffer.query(torch.full((1, 1, 2, 2), float(processes.rank)))
    torch.manual_seed(processes.rank)
    every = EachProcess(Counter(), state, processes)
    saved = every.state_dict()
    expected = torch.rand(3)
    other = State(buffer=ImageBuffer(2))
    again = EachProcess(Counter(), other, processes)
    again.load_state_dict(saved)
    again.restore()
    try:
        EachProcess(Counter(), other, SimpleNamespace(count=3, rank=0)).load_state_dict(saved)
    except ValueError as error:
        refused = str(error)
    return {
        "same": torch.equal(torch.rand(3), expected),
        "buffer": other.buffer.images[0].mean().item(),
        "refused": refused,
    }


def _commands(processes, folder):
    """Run the command whole; and stopped by one process alone, then continued."""
    from ganbook.train import command as train_command
    from tests.train.pictures import command, folder_for

    start, stop = group.start, group.stop
    group.start, group.stop = lambda: processes, lambda: None  # the group stays open
    data = folder / "data"
    if processes.rank == 0:
        folder_for("cyclegan", data)
    processes.wait()
    more = ["--steps", "8", "--buffer-size", "4", "--measure-every", "4"]

    def run(output):
        return train_command.main(command("cyclegan", data, folder / output, *more))

    def step(state, batch):
        if state.step == 4 and processes.rank == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return whole_step(state, batch)

    whole_step = cyclegan.step
    codes = [run("whole")]
    cyclegan.step = step
    codes.append(run("parts"))
    processes.wait()
    stopped_at = torch.load(folder / "parts" / "checkpoint.pt", weights_only=True)["step"]
    processes.wait()
    cyclegan.step = whole_step
    codes.append(run("parts"))
    group.start, group.stop = start, stop
    return {"codes": codes, "stopped at": stopped_at, "folder": str(folder)}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    torch.set_num_threads(1)
    main(sys.argv[1])
