"""Tools of the Responses API: native, flattened, and those that only its clients run."""
