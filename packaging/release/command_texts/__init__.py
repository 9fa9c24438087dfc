"""Completions and manual page, made from the program's own commands."""
