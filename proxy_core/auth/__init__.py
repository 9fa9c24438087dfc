"""Secrets of this computer: who may come in, and who is who."""
