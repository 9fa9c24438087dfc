"""Editors and their extensions, one module each."""
