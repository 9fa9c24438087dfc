"""The pages of the window, each joining one presenter with one view."""
