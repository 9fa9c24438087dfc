"""Relays a response from upstream to the client."""
