"""Which model, which endpoint, passed through or translated."""
