"""A request in an endpoint's words as the library's ``Context``. Pure."""
