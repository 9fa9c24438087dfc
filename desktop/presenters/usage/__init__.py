"""Presenters of the Usage page."""
