"""Charts and meters."""
