"""Tools that can use the proxy and how each is configured, as data. Nothing here writes a file."""
