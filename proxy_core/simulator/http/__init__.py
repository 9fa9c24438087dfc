"""Bytes on the wire: refusals, event streams, odd headers."""
