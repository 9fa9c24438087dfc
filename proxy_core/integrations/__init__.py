"""Bridges to other programs' libraries. Each needs an optional dependency; nothing here imports them."""
