"""Tools that can use the proxy: what each must be told, and how its settings are changed and back."""
