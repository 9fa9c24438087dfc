"""Newer versions of a bundle: found if the user allows it, verified, used from the next start."""
