"""Losses as pure functions: logits in, a scalar out."""
