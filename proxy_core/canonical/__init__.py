"""The canonical form: requests, stream events, models, and server-sent events."""
