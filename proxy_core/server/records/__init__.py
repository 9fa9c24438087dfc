"""Records of requests: counts and times, never content."""
