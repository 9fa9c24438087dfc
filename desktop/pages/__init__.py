"""The pages of the window, each connecting one presenter with one view."""
