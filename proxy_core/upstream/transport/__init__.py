"""One HTTP client towards GitHub and Copilot: hosts, headers, request handlers."""
