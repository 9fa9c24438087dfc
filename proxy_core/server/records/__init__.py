"""What is written down about a request: counts and times, never content."""
