"""Editors of other programs' settings: they change single values and leave every other byte as it is."""
