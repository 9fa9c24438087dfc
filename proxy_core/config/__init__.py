"""The settings: what is declared, the file they lie in, and the one place that changes them."""
