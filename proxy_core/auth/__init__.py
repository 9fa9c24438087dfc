"""Local secrets: keys that admit callers, and the proof that identifies our own server."""
