"""What requests cost: the ledger, what is computed from it, and the user's own limits.

Knows counts and names, never content. Imports neither ``server`` nor ``upstream``.
"""
