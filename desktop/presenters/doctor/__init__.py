"""Presenters of the Doctor page."""
