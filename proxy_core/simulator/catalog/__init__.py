"""The model list, and what an account may use of it."""
