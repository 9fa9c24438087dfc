"""Presenters of the Models page."""
