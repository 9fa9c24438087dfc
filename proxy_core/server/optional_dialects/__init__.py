"""Serves the dialects that a user may switch on, each as its surface declares."""
