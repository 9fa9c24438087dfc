"""Finding the running server of this home, and who holds a port."""
