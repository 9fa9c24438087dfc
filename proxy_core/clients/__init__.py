"""Tools that can use the proxy: how each is configured, and how that is undone."""
