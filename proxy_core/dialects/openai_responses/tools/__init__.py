"""Tools of the Responses API: native, flattened, and run by the client."""
