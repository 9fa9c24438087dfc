"""Presenters of the Settings page."""
