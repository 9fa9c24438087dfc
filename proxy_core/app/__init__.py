"""The running program: the engine, its thread and what lives as long as it does."""
