"""Measuring samples: features, statistics, distances."""
