"""Faults on request: by words, by codes and at random."""
