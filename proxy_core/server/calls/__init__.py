"""Model calls, from a request's body to its answer's last byte."""
