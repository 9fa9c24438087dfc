"""Estimates a prompt's tokens, calibrated by real counts."""
