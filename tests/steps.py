"""What the tests of all step functions share."""

import torch


def weights(module):
    """Return copies of the parameters."""
    return [p.detach().clone() for p in module.parameters()]


def moved(module, before, least_ndim=0):
    """Return whether all parameters changed; fail if only some did.

    With ``least_ndim=2`` only weights are looked at: a bias may have no gradient.
    """
    changes = {
        not torch.equal(p, old)
        for p, old in zip(module.parameters(), before)
        if p.ndim >= least_ndim
    }
    assert len(changes) == 1
    return changes.pop()


def before_each_step(monkeypatch, optimizer, check):
    """Let an optimizer call ``check()`` before each of its steps."""
    original = optimizer.step

    def step(*args, **kwargs):
        check()
        return original(*args, **kwargs)

    monkeypatch.setattr(optimizer, "step", step)
