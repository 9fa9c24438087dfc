"""Larger pieces that pages are built from."""
