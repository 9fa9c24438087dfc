"""Counts a prompt's tokens: upstream's count, else a calibrated estimate."""
