"""The parts every page is built from. They depend on the theme, not on what they show."""
