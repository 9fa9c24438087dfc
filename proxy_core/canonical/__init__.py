"""The neutral conversation: requests, stream events, models, and the framing of server-sent events."""
