"""Trouble on request: words, codes and chance."""
