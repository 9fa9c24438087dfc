"""Agents in the terminal, one module each; tried with the versions of ``tests/agents``."""
