"""The server's own endpoints: status, usage, models, control."""
