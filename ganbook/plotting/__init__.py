"""Pictures: grids, curves, walks through latent space, animations."""
