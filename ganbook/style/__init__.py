"""Textures and styles: what a network's activations say about an image, and painting by it."""
