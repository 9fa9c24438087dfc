"""Presenters of the Connect page."""
