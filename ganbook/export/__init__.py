"""``python -m ganbook.export``: a trained generator for use without this package."""
