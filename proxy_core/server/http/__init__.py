"""Listening, connections, request bodies and plain HTTP answers."""
