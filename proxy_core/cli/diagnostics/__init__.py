"""``doctor``, with and without ``--probe``."""
