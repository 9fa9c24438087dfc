"""Copilot at given dates, as data: what it lists, offers and refuses then."""
