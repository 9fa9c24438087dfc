"""The library's events as the bytes of an endpoint's own event stream. Pure; one object per answer."""
