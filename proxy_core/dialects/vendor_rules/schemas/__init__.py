"""Tool schemas and structured output in each vendor's accepted form."""
