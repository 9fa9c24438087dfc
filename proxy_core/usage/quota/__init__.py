"""Copilot's quotas: what is left, and when it will be used up."""
