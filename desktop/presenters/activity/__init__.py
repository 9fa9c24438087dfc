"""Presenters of the Activity page."""
