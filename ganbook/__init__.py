"""Companion package of the book *Hands-On GANs with PyTorch*.

Import the module named after the concept: ``from ganbook.gans import dcgan``. Importing ``ganbook``
itself loads nothing else, so it is fast.
"""

__version__ = "0.1.0"
