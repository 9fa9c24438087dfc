"""The running program: what lives as long as the engine does."""
