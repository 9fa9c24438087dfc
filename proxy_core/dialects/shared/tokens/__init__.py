"""The estimate of a prompt's tokens, and what real counts teach it."""
