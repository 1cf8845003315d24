"""Other ways to generate: one a file, each a frozen Config, build(config) and one step function."""
