"""The settings: their declaration, their file, and the one store that changes them."""
