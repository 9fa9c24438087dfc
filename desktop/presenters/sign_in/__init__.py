"""Presenters of the sign-in dialog and the first run."""
