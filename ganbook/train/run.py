"""One run of ``ganbook.train``: from options to a trained state, new or resumed."""

import argparse
import platform
import shutil
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from os import devnull
from typing import Any

import torch

from ganbook.runtime import seed_everything
from ganbook.train import processes as group
from ganbook.train.data_parallel import data_parallel, has_batch_norm, trained_networks
from ganbook.train.each_process import EachProcess, TakePart
from ganbook.train.image_check import check_readable, fingerprint
from ganbook.train.measure import Measure
from ganbook.train.processes import Processes
from ganbook.train.recipe import Recipe
from ganbook.train.run_folder import RunFolder
from ganbook.train.settings import as_json
from ganbook.train.sheet import SampleSheet
from ganbook.train.stop_together import StopTogether
from ganbook.training.callbacks import CheckpointEvery, ProgressBar, TensorBoard
from ganbook.training.checkpoint import load_checkpoint
from ganbook.training.fit import fit


def run(options: argparse.Namespace) -> Any:
    """Train as the options say, and return the state; what is printed comes from process 0 alone.

    Raises:
        ValueError, OSError, …: whatever is wrong with options, images or the output folder; nothing
            is trained then.
        FloatingPointError: the losses became NaN or infinite; the last checkpoint stays.
        StoppedByHand: Ctrl-C; the step's checkpoint is saved.
    """
    processes = group.start()
    try:
        if processes.rank == 0:
            state = _run(options, processes)
            print(options.output)
            return state
        with open(devnull, "w") as nowhere, redirect_stdout(nowhere):
            return _run(options, processes)
    finally:
        group.stop()


def _run(options: argparse.Namespace, processes: Processes) -> Any:
    recipe = options.recipe(options, processes.share)
    folder = RunFolder(options.output)
    settings = {
        "gan": options.gan,
        "config": as_json(recipe.config),
        "batch_size": options.batch_size,
        "seed": options.seed,
        "processes": processes.count,
        "data": {"images": len(recipe.files), "fingerprint": fingerprint(recipe.files)},
        **{name: getattr(options, name) for name in ("input_on", "augment") if name in options},
    }
    folder.check(settings)
    shortest = check_readable(recipe.files)

    measure = _measure(options, recipe, folder, processes)

    # Building draws numbers, and so does the network that measures, which therefore came first.
    seed_everything(options.seed)  # alike in all processes: so are the weights
    state = recipe.build(recipe.config, processes.device)
    seed_everything(options.seed + processes.rank)  # latents are each process's own
    batches = recipe.batches
    if processes.count > 1:
        batches = EachProcess(batches, state, processes)
    resumed = folder.checkpoint.is_file()
    if resumed:
        load_checkpoint(folder.checkpoint, state, batches)
        if processes.count > 1:
            batches.restore()
    step = data_parallel(recipe.step, state, processes)

    if processes.rank == 0:
        _check_disk(folder, state)
        data = str(options.data or options.inputs)
        folder.write(settings, {"data": data, "steps": options.steps, **_versions()})
        if measure:
            measure.forget_after(state.step)
    _introduce(options, settings, state, shortest, processes)
    if state.step >= options.steps:
        print(f"The run has finished its {state.step} steps; a larger --steps continues it.")
        return state
    if resumed:
        print(f"continues after step {state.step}, from {folder.checkpoint}")
    processes.wait()
    callbacks = _callbacks(options, recipe, folder, batches, measure, processes)
    with StopTogether(processes) as stop:
        fit(state, step, batches, options.steps, [stop, *callbacks])
    return state


def _callbacks(
    options: argparse.Namespace,
    recipe: Recipe,
    folder: RunFolder,
    batches: Any,
    measure: Measure | None,
    processes: Processes,
) -> list[Callable]:
    """Return what follows each step. Whatever gathers from all processes is in each one's list."""
    first = processes.rank == 0
    save = CheckpointEvery if first else TakePart
    callbacks = []
    if first:
        callbacks.append(ProgressBar(options.steps, options.every))
    if first and options.tensorboard:
        callbacks.append(TensorBoard(folder.board, options.every))
    if first and options.sample_every:
        sheet = SampleSheet(recipe.show, recipe.columns, options.sample_every, folder.samples)
        callbacks.append(sheet)
    if measure:
        callbacks.append(measure)
    callbacks.append(save(folder.checkpoint, options.save_every, batches))
    return callbacks


def _measure(
    options: argparse.Namespace, recipe: Recipe, folder: RunFolder, processes: Processes
) -> Measure | None:
    if not options.measure_every:
        return None
    number = min(options.measure_images, recipe.measurable)
    every, file = options.measure_every, folder.measures
    return Measure(recipe, options.features, number, every, file, processes)


def _check_disk(folder: RunFolder, state: Any) -> None:
    """Raise an OSError unless two checkpoints fit: the old one stays until the new is whole."""
    numbers = sum(
        parameter.numel()
        for net in trained_networks(state).values()
        for parameter in net.parameters()
    )
    needed = 2 * 4 * numbers * 4  # twice: weights, their average, and Adam's two, of 4 bytes each
    place = next(p for p in (folder.path.absolute(), *folder.path.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise OSError(
            f"{folder.path} needs about {needed / 1e6:.0f} MB for checkpoints, and the disk has "
            f"{free / 1e6:.0f} MB left."
        )


def _introduce(
    options: argparse.Namespace,
    settings: dict[str, Any],
    state: Any,
    shortest: int,
    processes: Processes,
) -> None:
    """Print what is going to run, and warn of what is allowed but seldom meant."""
    print(f"{options.gan} on {settings['data']['images']} images, to {options.output}")
    for name, value in settings["config"].items():
        print(f"  {name} = {value}")
    each = f", {processes.count} processes" if processes.count > 1 else ""
    print(f"  batch size {options.batch_size}, seed {options.seed}, {processes.device}{each}")
    for name, network in trained_networks(state).items():
        print(f"  {name}: {sum(p.numel() for p in network.parameters()):,} parameters")
    warnings = []
    if shortest < options.size:
        warnings.append(
            f"some images are smaller than {options.size} pixels (the least {shortest}) and are "
            "enlarged"
        )
    if processes.count > 1 and processes.device.type == "cpu" and has_batch_norm(state):
        warnings.append(
            "batch norm takes the statistics of each process's part of the batch on its own "
            "(SyncBatchNorm is for GPUs only), so the run differs from that of one process"
        )
    if processes.rank == 0:
        for warning in warnings:
            print(f"warning: {warning}", file=sys.stderr)


def _versions() -> dict[str, str]:
    return {"torch": torch.__version__, "python": platform.python_version()}
