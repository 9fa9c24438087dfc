"""Presenters of the Home page and of the server's switch."""
