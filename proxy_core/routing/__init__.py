"""Routing: which model, which endpoint, pass-through or translation."""
