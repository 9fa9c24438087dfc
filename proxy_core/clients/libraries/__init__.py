"""The user's own code, and any tool that is not listed, one module each."""
