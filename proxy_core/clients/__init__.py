"""Tools that can use the proxy: what each must be told, as declared data. Nothing here writes a file."""
