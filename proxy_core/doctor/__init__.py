"""Looks at each thing that must work, and says what to do where it does not."""
