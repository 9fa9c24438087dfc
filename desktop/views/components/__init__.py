"""The parts every page is built from. They know the theme, and nothing of what they show."""
