"""A generator as a file: its weights, its program, or ONNX; each is read back and compared.

All three functions return the largest difference between the file's outputs and the network's.
"""

import json
import warnings
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from ganbook.export.generator import Generator

MISSING = "ONNX needs onnx, onnxscript and onnxruntime. Run: pip install 'ganbook[onnx]'"


def write_safetensors(generator: Generator, path: Path) -> float:
    """Write the weights alone, for :mod:`ganbook.models`; the config stands in the file's head.

    The difference is that of the weights: 0.
    """
    network = generator.network
    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(weights, path, metadata={"config": json.dumps(generator.config)})
    read = load_file(path)
    return max((read[name] - value).abs().max().item() for name, value in weights.items())


def write_program(generator: Generator, path: Path) -> float:
    """Write what ``torch.export`` makes of the network: runs with PyTorch, without this package.

    It takes batches of any size. ``torch.export.load(path).module()`` is the network.
    """
    inputs = tuple(generator.inputs.values())
    program = torch.export.export(generator.network, inputs, dynamic_shapes=_any_batch(inputs))
    torch.export.save(program, path)
    module = torch.export.load(path).module()
    return _largest_difference(generator, lambda inputs: module(*inputs.values()))


def write_onnx(generator: Generator, path: Path) -> float:
    """Write ONNX, and run it with onnxruntime; it takes batches of any size.

    Raises:
        ModuleNotFoundError: onnx, onnxscript or onnxruntime is missing.
    """
    try:
        import onnx  # noqa: F401
        import onnxruntime
        import onnxscript  # noqa: F401
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(MISSING) from error
    inputs = tuple(generator.inputs.values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of axes whose names are joined
        program = torch.onnx.export(
            generator.network,
            inputs,
            dynamic_shapes=_any_batch(inputs),
            input_names=list(generator.inputs),
            output_names=["outputs"],
            dynamo=True,
            verbose=False,
        )
    program.save(str(path))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def run(inputs: dict[str, Tensor]) -> Tensor:
        arrays = {name: value.numpy() for name, value in inputs.items()}
        return torch.from_numpy(session.run(None, arrays)[0])

    return _largest_difference(generator, run)


def _any_batch(inputs: tuple[Tensor, ...]) -> tuple[dict[int, torch.export.Dim], ...]:
    batch = torch.export.Dim("batch")
    return tuple({0: batch} for _ in inputs)


@torch.no_grad()
def _largest_difference(generator: Generator, run) -> float:
    """Compare at batches of two, as exported, of one, and of five."""
    largest = 0.0
    for rows in ([0, 1], [1], [0, 1, 1, 0, 1]):
        inputs = {name: value[rows] for name, value in generator.inputs.items()}
        difference = run(inputs) - generator.network(*inputs.values())
        largest = max(largest, difference.abs().max().item())
    return largest
