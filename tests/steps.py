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


def check_turns(state, step, batch, monkeypatch):
    """Take a step; fail unless it moves the discriminator, then the generator, each by itself."""
    generator, discriminator, ema = state.generator, state.discriminator, state.ema.module
    before_g, before_d, before_ema = weights(generator), weights(discriminator), weights(ema)
    seen = []

    def at_discriminators_turn():
        assert not moved(generator, before_g) and not moved(discriminator, before_d)
        assert all(p.grad is None for p in generator.parameters())  # the fakes were detached
        assert all(p.grad is not None and p.grad.any() for p in discriminator.parameters())
        seen.append([p.grad.clone() for p in discriminator.parameters()])

    def at_generators_turn():
        assert moved(discriminator, before_d) and not moved(generator, before_g)
        now = [p.grad for p in discriminator.parameters()]
        assert all(torch.equal(a, b) for a, b in zip(now, seen[0]))  # left alone
        assert all(p.grad is not None and p.grad.any() for p in generator.parameters())
        seen.append("generator")

    before_each_step(monkeypatch, state.discriminator_optimizer, at_discriminators_turn)
    before_each_step(monkeypatch, state.generator_optimizer, at_generators_turn)
    step(state, batch)
    assert len(seen) == 2
    assert moved(generator, before_g) and moved(ema, before_ema)
    assert all(p.requires_grad for p in discriminator.parameters())
    assert state.step == 0


def check_equal_to_the_bit(state, other):
    """Fail unless two states agree in all that a checkpoint holds of them."""
    assert state.step == other.step
    names = saved_parts(state)
    assert names == saved_parts(other)
    for name in names:
        mine, its = (getattr(s, name).state_dict() for s in (state, other))
        torch.testing.assert_close(mine, its, rtol=0, atol=0, msg=name)


def saved_parts(state):
    """Return the names of a state's fields that a checkpoint keeps."""
    return [name for name, part in vars(state).items() if hasattr(part, "state_dict")]


def before_each_step(monkeypatch, optimizer, check):
    """Let an optimizer call ``check()`` before each of its steps."""
    original = optimizer.step

    def step(*args, **kwargs):
        check()
        return original(*args, **kwargs)

    monkeypatch.setattr(optimizer, "step", step)
