"""HTTP: listening, connections, request bodies and responses."""
