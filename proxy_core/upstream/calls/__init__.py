"""Model calls to Copilot: sending, retries, limits, errors."""
