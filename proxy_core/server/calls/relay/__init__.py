"""An answer's way from upstream's bytes to the client's."""
