"""Model calls, from a request's body to its response's last byte."""
