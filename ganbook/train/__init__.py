"""``python -m ganbook.train``: every GAN of the book on a folder of one's own images."""
