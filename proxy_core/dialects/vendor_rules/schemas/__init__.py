"""Tool schemas and structured output as each vendor takes them."""
