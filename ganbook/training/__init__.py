"""The plumbing around a training step: loop, state, checkpoints, callbacks."""
