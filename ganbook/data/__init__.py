"""Data sets: real images that PyPI packages ship, toy mixtures, folders and torchvision sets."""
