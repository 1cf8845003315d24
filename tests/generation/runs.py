"""What the tests of all step functions share."""

import torch
from torch.utils.data import TensorDataset

from ganbook.data.stream import BatchStream
from ganbook.runtime import seed_everything
from ganbook.training.checkpoint import load_checkpoint, save_checkpoint
from ganbook.training.fit import fit
from tests.steps import check_equal_to_the_bit, saved_parts


def made(module, config, seed=0):
    seed_everything(seed)
    return module.build(config)


def all_moved(module, before):
    return all(not torch.equal(p, old) for p, old in zip(module.parameters(), before))


def uniform(*shape, seed=1):
    """Return samples in [-1, 1]."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def run(module, config, tensors, steps, seed=0):
    """Return a state and its batches after some steps, all from one seed."""
    state = made(module, config, seed)
    batches = BatchStream(TensorDataset(*tensors), batch_size=6, seed=seed)
    fit(state, module.step, batches, steps)
    return state, batches


def check_resume(module, config, tensors, path):
    """Ten steps are five and a save and a load and five, to the bit."""
    whole, whole_batches = run(module, config, tensors, 10)
    noise_after = torch.randn(3)

    half, half_batches = run(module, config, tensors, 5)
    save_checkpoint(path, half, half_batches)
    torch.rand(100), next(half_batches)  # what happens after the save must not matter

    resumed, batches = run(module, config, tensors, 2, seed=1234)  # another state, other seeds
    load_checkpoint(path, resumed, batches)
    fit(resumed, module.step, batches, 10)

    assert resumed.step == whole.step == 10
    assert {"network", "optimizer", "history"} <= set(saved_parts(whole))
    check_equal_to_the_bit(resumed, whole)
    assert len(resumed.history["loss"]) == 10
    assert torch.equal(next(batches)[0], next(whole_batches)[0])
    assert torch.equal(resumed.sample(3), whole.sample(3))
    # The global generator too goes on as if nothing had happened.
    assert torch.equal(torch.randn(3), noise_after)


def check_metrics(metrics, names):
    """Assert detached, finite scalars of these names."""
    assert list(metrics) == names
    for value in metrics.values():
        assert value.shape == () and value.dtype == torch.float32
        assert not value.requires_grad and torch.isfinite(value)
