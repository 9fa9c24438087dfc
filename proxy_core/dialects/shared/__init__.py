"""Code that more than one dialect uses. Pure."""
