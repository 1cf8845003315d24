"""One GAN a file: a frozen Config, build(config) and one step function."""
