"""Finding the running server of this home, and which program listens on a port."""
