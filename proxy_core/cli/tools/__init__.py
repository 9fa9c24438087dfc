"""``connect`` and ``disconnect``: what they print and what they write."""
