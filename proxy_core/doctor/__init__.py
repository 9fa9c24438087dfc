"""Checks everything that must work, and says what to do about failures."""
